/*
 * The system's log: os_log where there is one (iOS 10), by references that may be absent; the older log before. Hidden:
 * nothing of the app is replaced.
 */
#include <os/availability.h>
#include <stdbool.h>
#include <stdint.h>

struct os_log_s;
extern struct os_log_s _os_log_default API_AVAILABLE(ios(10.0));
extern bool os_log_type_enabled(struct os_log_s *, uint8_t) API_AVAILABLE(ios(10.0));
extern void _os_log_impl(void *, struct os_log_s *, uint8_t, const char *, uint8_t *, uint32_t)
    API_AVAILABLE(ios(10.0));
extern void *__dso_handle;
int asl_log(void *client, void *message, int level, const char *format, ...);

enum { OS_ERROR = 0x10, ASL_ERROR = 3, ASL_INFO = 6 };

/* What it says is ours: no secret, nothing personal (R13). */
__attribute__((visibility("hidden"))) void mtd_log(int os_level, const char *text) {
    if (_os_log_impl == 0) {
        asl_log(0, 0, os_level >= OS_ERROR ? ASL_ERROR : ASL_INFO, "mtd-agent: %s", text);
        return;
    }
    static const char format[] __attribute__((section("__TEXT,__oslogstring,cstring_literals"))) =
        "mtd-agent: %{public}s";
    if (os_log_type_enabled(&_os_log_default, (uint8_t)os_level)) {
        _Alignas(16) uint8_t arguments[__builtin_os_log_format_buffer_size("mtd-agent: %{public}s", text)];
        __builtin_os_log_format(arguments, "mtd-agent: %{public}s", text);
        _os_log_impl(&__dso_handle, &_os_log_default, (uint8_t)os_level, format, arguments, sizeof arguments);
    }
}
