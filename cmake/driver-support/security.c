// SPDX-License-Identifier: MIT
// What a guarded driver needs: the stack cookie, and the load configuration in which the system's
// loader finds the cookie to give it a value. Linked into every driver.
#include <ntdef.h>
#include <wdm_list.h>

#define FAST_FAIL_STACK_COOKIE_CHECK_FAILURE 2

// The value that says "not set yet" to the loader.
#define DEFAULT_SECURITY_COOKIE 0x00002B992DDFA232ull

extern uintptr_t __security_cookie;
uintptr_t __security_cookie = DEFAULT_SECURITY_COOKIE;

// What compilers for Windows refer to when code uses floating point.
extern int _fltused;
int _fltused = 0x9875;

DECLSPEC_NORETURN void kldr_driver_report_gsfailure(void);
void kldr_driver_report_gsfailure(void)
{
    RtlFailFast(FAST_FAIL_STACK_COOKIE_CHECK_FAILURE);
}

#ifdef __aarch64__
void __security_check_cookie(uintptr_t cookie);
void __security_check_cookie(uintptr_t cookie)
{
    if (cookie != __security_cookie) {
        kldr_driver_report_gsfailure();
    }
}
#endif

#ifdef __MINGW32__
// The same for gcc. No loader knows of it: the value stays.
extern uintptr_t __stack_chk_guard;
uintptr_t __stack_chk_guard = DEFAULT_SECURITY_COOKIE;

DECLSPEC_NORETURN void __stack_chk_fail(void);
void __stack_chk_fail(void)
{
    kldr_driver_report_gsfailure();
}
#endif

// IMAGE_LOAD_CONFIG_DIRECTORY64 up to the handler table. lld-link and link put a symbol of this
// name into the data directory; GNU ld does not.
struct load_config {
    uint32_t size;
    uint32_t unused_before[21];
    uint64_t security_cookie;
    uint64_t handler_table;
    uint64_t handler_count;
};
_Static_assert(offsetof(struct load_config, security_cookie) == 0x58, "as in the image format");
_Static_assert(sizeof(struct load_config) == 0x70, "as in the image format");

extern const struct load_config _load_config_used;
const struct load_config _load_config_used = {
    .size = sizeof(struct load_config),
    .security_cookie = (uintptr_t)&__security_cookie,
};
