/*
 * What the standard library, tokio and the unwinder import and the C library of Android 4.1 lacks (32 bit).
 * Hidden: nothing of the app is replaced.
 */
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#define HIDDEN __attribute__((visibility("hidden")))

/* API 21. The system call is as old as Linux 2.6.27. */
HIDDEN int epoll_create1(int flags) {
    return (int)syscall(SYS_epoll_create1, flags);
}

/* API 17. */
HIDDEN int posix_memalign(void **out, size_t alignment, size_t size) {
    if (alignment < sizeof(void *) || (alignment & (alignment - 1)) != 0) {
        return EINVAL;
    }
    void *block = memalign(alignment, size);
    if (block == NULL) {
        return ENOMEM;
    }
    *out = block;
    return 0;
}

/* API 18. The kernel's vector, read at each call: it is asked for once or twice in a process. 0: not known. */
HIDDEN unsigned long getauxval(unsigned long type) {
    int file = open("/proc/self/auxv", O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return 0;
    }
    unsigned long pair[2];
    unsigned long value = 0;
    while (read(file, pair, sizeof pair) == (ssize_t)sizeof pair && pair[0] != 0) {
        if (pair[0] == type) {
            value = pair[1];
            break;
        }
    }
    close(file);
    return value;
}

#if defined(__arm__)
/*
 * API 21 on ARM. Only the standard library's symboliser asks; the unwinder finds its tables by
 * dl_unwind_find_exidx. 0: no module.
 */
HIDDEN int dl_iterate_phdr(int (*visit)(struct dl_phdr_info *, size_t, void *), void *data) {
    (void)visit;
    (void)data;
    return 0;
}
#endif
