#pragma once
#if defined(__aarch64__)
#define __NR_epoll_create1 20
#define __NR_rt_sigprocmask 135
#define __NR_getrandom 278
#elif defined(__arm__)
#define __NR_rt_sigprocmask 175
#define __NR_epoll_create1 357
#define __NR_getrandom 384
#elif defined(__i386__)
#define __NR_rt_sigprocmask 175
#define __NR_epoll_create1 329
#define __NR_getrandom 355
#elif defined(__x86_64__)
#define __NR_rt_sigprocmask 14
#define __NR_epoll_create1 291
#define __NR_getrandom 318
#else
#error "not an architecture of Android"
#endif
