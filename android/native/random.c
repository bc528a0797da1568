/*
 * Linux before 3.17 has no getrandom(2). ring and the standard library then wait until /dev/random is ready,
 * without a limit. Android seeds /dev/urandom at boot, so it answers here instead.
 * Linked with --wrap=syscall: each call of syscall() in the library comes here.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

long __real_syscall(long number, ...);

static long from_urandom(char *buffer, size_t length) {
    int file;
    do {
        file = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    } while (file < 0 && errno == EINTR);
    if (file < 0) {
        return -1;
    }
    size_t filled = 0;
    while (filled < length) {
        ssize_t got = read(file, buffer + filled, length - filled);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            int why = got == 0 ? EIO : errno;
            close(file);
            errno = why;
            return -1;
        }
        filled += (size_t)got;
    }
    close(file);
    return (long)filled;
}

__attribute__((visibility("hidden"))) long __wrap_syscall(long number, long a, long b, long c, long d, long e,
                                                          long f) {
    long answer = __real_syscall(number, a, b, c, d, e, f);
    if (number != SYS_getrandom || answer != -1 || errno != ENOSYS) {
        return answer;
    }
    return from_urandom((char *)a, (size_t)b);
}
