/*
 * The shims on the machine that builds: floor.c with its names changed, random.c and log.c, against its own C library.
 * A kernel without getrandom is a __real_syscall that says so; liblog is what it was told. The exit status is the
 * number of the failed check.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int floor_epoll_create1(int flags);
int floor_posix_memalign(void **out, size_t alignment, size_t size);
unsigned long floor_getauxval(unsigned long type);
int __android_log_buf_write(int log, int priority, const char *tag, const char *text);
long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f);

unsigned long getauxval(unsigned long type);
int fcntl(int file, int command, ...);

#define AT_PAGESZ 6
#define AT_RANDOM 25
#define AT_NOT_THERE 999
#define F_GETFD 1
#define FD_CLOEXEC 1
/* More than one read of /dev/urandom gives after a signal. */
#define MANY 4096
/* android/log.h: a log other than the main one, ANDROID_LOG_WARN, and what liblog answers. */
#define LOG_EVENTS 2
#define WARN 5
#define WRITTEN 11

static long answer;
static int why;

long __real_syscall(long number, ...) {
    (void)number;
    errno = why;
    return answer;
}

static int told_priority;
static const char *told_tag;
static const char *told_text;

int __android_log_write(int priority, const char *tag, const char *text) {
    told_priority = priority;
    told_tag = tag;
    told_text = text;
    return WRITTEN;
}

static int zeros(const char *bytes, size_t length) {
    for (size_t at = 0; at < length; at++) {
        if (bytes[at] != 0) {
            return 0;
        }
    }
    return 1;
}

#define CHECK(number, condition) \
    if (!(condition)) {          \
        return number;           \
    }

int main(void) {
    static char bytes[MANY + 8];

    /* Without the call: filled to the last byte and not beyond. */
    answer = -1;
    why = ENOSYS;
    CHECK(1, __wrap_syscall(SYS_getrandom, (long)bytes, MANY, 0, 0, 0, 0) == MANY)
    CHECK(2, !zeros(bytes, 16) && !zeros(bytes + MANY - 16, 16) && zeros(bytes + MANY, 8))
    /* Another failure, another call and a success are the kernel's. */
    why = EFAULT;
    CHECK(3, __wrap_syscall(SYS_getrandom, (long)bytes, MANY, 0, 0, 0, 0) == -1 && errno == EFAULT)
    why = ENOSYS;
    CHECK(4, __wrap_syscall(SYS_epoll_create1, 0, 0, 0, 0, 0, 0) == -1 && errno == ENOSYS)
    answer = 7;
    CHECK(5, __wrap_syscall(SYS_getrandom, (long)bytes, 7, 0, 0, 0, 0) == 7)

    CHECK(6, floor_getauxval(AT_PAGESZ) != 0 && floor_getauxval(AT_PAGESZ) == getauxval(AT_PAGESZ))
    CHECK(7, floor_getauxval(AT_RANDOM) == getauxval(AT_RANDOM))
    CHECK(8, floor_getauxval(AT_NOT_THERE) == 0)

    void *block = NULL;
    CHECK(9, floor_posix_memalign(&block, 4096, 100) == 0 && ((size_t)block & 4095) == 0)
    memset(block, 1, 100);
    free(block);
    CHECK(10, floor_posix_memalign(&block, 24, 100) == EINVAL && floor_posix_memalign(&block, 1, 100) == EINVAL)
    CHECK(11, floor_posix_memalign(&block, 4096, (size_t)-4096) == ENOMEM)

    int file = floor_epoll_create1(O_CLOEXEC);
    CHECK(12, file >= 0 && fcntl(file, F_GETFD) == FD_CLOEXEC)
    CHECK(13, floor_epoll_create1(-1) == -1 && errno == EINVAL)

    CHECK(14, __android_log_buf_write(LOG_EVENTS, WARN, "tag", "text") == WRITTEN && told_priority == WARN)
    CHECK(15, strcmp(told_tag, "tag") == 0 && strcmp(told_text, "text") == 0)
    return 0;
}
