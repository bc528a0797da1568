/* The arithmetic of clock.c, with an iPhone's numbers. */
#include <mach/mach_time.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysctl.h>
#include <sys/time.h>

struct time_of_clock {
    long seconds;
    long nanos;
};
int mtd_clock_gettime(int, struct time_of_clock *);

static uint64_t ticks;
static struct timeval boot, now;
static int boots_read;

int mach_timebase_info(mach_timebase_info_data_t *base) {
    base->numer = 125;
    base->denom = 3;
    return 0;
}

uint64_t mach_absolute_time(void) {
    return ticks;
}

int sysctl(int *name, unsigned length, void *old, size_t *size, void *new, size_t new_size) {
    (void)name, (void)length, (void)size, (void)new, (void)new_size;
    /* The calendar is set between the first two readings. */
    if (++boots_read == 2) {
        boot.tv_sec += 100;
        now.tv_sec += 100;
    }
    memcpy(old, &boot, sizeof boot);
    return 0;
}

int clock_test_gettimeofday(struct timeval *time, void *zone) {
    (void)zone;
    *time = now;
    return 0;
}

static int differs(int clock, long seconds, long nanos) {
    struct time_of_clock time = {-1, -1};
    if (mtd_clock_gettime(clock, &time) == 0 && time.seconds == seconds && time.nanos == nanos) {
        return 0;
    }
    printf("clock %d: %ld.%09ld, not %ld.%09ld\n", clock, time.seconds, time.nanos, seconds, nanos);
    return 1;
}

int main(void) {
    struct time_of_clock time;
    boot = (struct timeval){1700000000, 999999};
    now = (struct timeval){1700086401, 1};
    /* Ten years at 24 MHz and one tick of 41 ns. */
    ticks = 24000000ull * 315360000 + 1;
    return differs(6, 86400, 2000) + differs(0, 1700086501, 1000) + differs(8, 315360000, 41) +
           differs(4, 315360000, 41) + (mtd_clock_gettime(3, &time) == 0);
}
