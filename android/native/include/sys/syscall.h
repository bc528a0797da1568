#pragma once
#include <asm/unistd.h>
#define SYS_rt_sigprocmask __NR_rt_sigprocmask
#define SYS_epoll_create1 __NR_epoll_create1
#define SYS_getrandom __NR_getrandom
