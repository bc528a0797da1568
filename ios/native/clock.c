/*
 * clock_gettime is iOS 10; Rust's standard library imports it. The objects of Rust call this one instead, under a name
 * of ours: nothing of the app is replaced.
 */
#include <errno.h>
#include <mach/mach_time.h>
#include <stdint.h>
#include <sys/sysctl.h>
#include <sys/time.h>

enum { REALTIME = 0, MONOTONIC_RAW = 4, MONOTONIC = 6, UPTIME_RAW = 8 };
enum { NANOS = 1000000000, MICROS = 1000000 };

struct time_of_clock {
    long seconds;
    long nanos;
};

/* Does not count sleep. Divided first: ticks times the numerator overflow within days of uptime. */
static int uptime(struct time_of_clock *time) {
    mach_timebase_info_data_t base;
    if (mach_timebase_info(&base) != 0 || base.denom == 0) {
        errno = EINVAL;
        return -1;
    }
    uint64_t ticks = mach_absolute_time();
    uint64_t whole = ticks / base.denom * base.numer;
    uint64_t nanos = whole + ticks % base.denom * base.numer / base.denom;
    time->seconds = (long)(nanos / NANOS);
    time->nanos = (long)(nanos % NANOS);
    return 0;
}

/* Counts sleep: the calendar since the boot, whose time moves with each setting of the calendar. */
static int since_boot(struct time_of_clock *time) {
    int name[] = {CTL_KERN, KERN_BOOTTIME};
    struct timeval before, now, after;
    do {
        size_t size = sizeof before;
        if (sysctl(name, 2, &before, &size, 0, 0) != 0 || gettimeofday(&now, 0) != 0) {
            return -1;
        }
        size = sizeof after;
        if (sysctl(name, 2, &after, &size, 0, 0) != 0) {
            return -1;
        }
    } while (before.tv_sec != after.tv_sec || before.tv_usec != after.tv_usec);
    int64_t micros = (int64_t)(now.tv_sec - after.tv_sec) * MICROS + (now.tv_usec - after.tv_usec);
    time->seconds = (long)(micros / MICROS);
    time->nanos = (long)(micros % MICROS) * 1000;
    return 0;
}

__attribute__((visibility("hidden"))) int mtd_clock_gettime(int clock, struct time_of_clock *time) {
    struct timeval now;
    switch (clock) {
    case REALTIME:
        if (gettimeofday(&now, 0) != 0) {
            return -1;
        }
        time->seconds = now.tv_sec;
        time->nanos = (long)now.tv_usec * 1000;
        return 0;
    case MONOTONIC:
        return since_boot(time);
    case MONOTONIC_RAW:
    case UPTIME_RAW:
        return uptime(time);
    default:
        errno = EINVAL;
        return -1;
    }
}
