# Login shells read the same settings as all others.
[ -n "$BASH" ] && [ -r ~/.bashrc ] && . ~/.bashrc
