# The learner's shell: completion, colours, a history that survives, and a prompt that says where one is.
case $- in *i*) ;; *) return ;; esac
HISTCONTROL=ignoredups
HISTSIZE=5000
shopt -s histappend checkwinsize
PS1='\[\e[1;32m\]\u@\h\[\e[0m\]:\[\e[1;34m\]\w\[\e[0m\]\$ '
alias ls='ls --color=auto' ll='ls -l --color=auto' grep='grep --color=auto'
export EDITOR=nano LESS=-R
[ -r /usr/share/bash-completion/bash_completion ] && . /usr/share/bash-completion/bash_completion
# Says to the page, in sequences that terminals do not show (OSC 133 and 633), which command begins, where, and how it ended.
__lab_escape() { REPLY=${1:0:2000}; REPLY=${REPLY//\\/\\\\}; REPLY=${REPLY//;/\\x3b}; REPLY=${REPLY//$'\n'/\\x0a}; REPLY=${REPLY//[[:cntrl:]]/ }; }
__lab_begin() {
  local line REPLY
  line=${ HISTTIMEFORMAT='' builtin history 1; }
  [[ $line =~ ^[[:space:]]*[0-9]+\*?[[:space:]]+(.*)$ ]] && line=${BASH_REMATCH[1]}
  __lab_escape "$line"
  printf '\e]633;E;%s\a' "$REPLY"
  __lab_escape "$PWD"
  printf '\e]633;P;Cwd=%s\a\e]133;C\a' "$REPLY"
}
__lab_end() { printf '\e]133;D;%s\a' "$?"; }
PS0='${ __lab_begin; }'
PROMPT_COMMAND=(__lab_end)
