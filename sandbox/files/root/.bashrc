# The learner's shell: completion, colours, a history that survives, and a prompt that says where one is.
case $- in *i*) ;; *) return ;; esac
HISTCONTROL=ignoredups
HISTSIZE=5000
shopt -s histappend checkwinsize
PS1='\[\e[1;32m\]\u@\h\[\e[0m\]:\[\e[1;34m\]\w\[\e[0m\]\$ '
alias ls='ls --color=auto' ll='ls -l --color=auto' grep='grep --color=auto'
export EDITOR=nano LESS=-R
[ -r /usr/share/bash-completion/bash_completion ] && . /usr/share/bash-completion/bash_completion
