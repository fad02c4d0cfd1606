// SPDX-License-Identifier: MIT
// Rtl: the version of the simulated system: 10.0, the build that NtBuildNumber tells too, and the
// versions of interfaces that it has.

#include "kernel/functions.h"

#define SIZE           0x114u // RTL_OSVERSIONINFOW
#define SIZE_EXTENDED  0x11Cu // RTL_OSVERSIONINFOEXW
#define NT_WORKSTATION 1u
#define NTDDI_WIN10    0x0A000000u
#define SERVICE_PACK   0xFFFFu // and below it, in an NTDDI_VERSION

uint64_t ks_rtl_get_version(const struct ks_kernel_call *call)
{
    uint64_t info = call->arguments[0], size = ks_guest_number(info, 4), build = 0;
    ks_function_variable(NULL, "NtBuildNumber", &build);
    for (uint64_t i = 4; i < (size == SIZE_EXTENDED ? SIZE_EXTENDED : SIZE); i++) {
        ks_guest_put_number(info + i, 1, 0);
    }
    ks_guest_put_number(info + 4, 4, 10);
    ks_guest_put_number(info + 12, 4, build & 0xFFFF);
    ks_guest_put_number(info + 16, 4, 2); // VER_PLATFORM_WIN32_NT
    if (size == SIZE_EXTENDED) {
        ks_guest_put_number(info + 0x11A, 1, NT_WORKSTATION);
    }
    return KLDR_STATUS_SUCCESS;
}

// PsGetVersion(MajorVersion, MinorVersion, BuildNumber, CSDVersion): each may be NULL. Answers
// whether it is a checked build.
uint64_t ks_rtl_ps_get_version(const struct ks_kernel_call *call)
{
    uint64_t values[] = {10, 0, 0}, csd = call->arguments[3];
    ks_function_variable(NULL, "NtBuildNumber", &values[2]);
    for (unsigned i = 0; i < 3; i++) {
        if (call->arguments[i] != 0) {
            ks_guest_put_number(call->arguments[i], 4, values[i] & 0xFFFF);
        }
    }
    if (csd != 0) { // no service pack: an empty text
        ks_guest_put_number(csd, 4, 0);
        ks_guest_put_number(csd + 8, 8, 0);
    }
    return 0;
}

// RtlIsNtDdiVersionAvailable(Version): one of those without a service pack
uint64_t ks_rtl_is_ntddi_version_available(const struct ks_kernel_call *call)
{
    uint32_t version = (uint32_t)call->arguments[0];
    return version != 0 && (version & SERVICE_PACK) == 0 && version <= NTDDI_WIN10;
}

// IoIsWdmVersionAvailable(MajorVersion, MinorVersion): 6.0 and all before it
uint64_t ks_rtl_io_is_wdm_version_available(const struct ks_kernel_call *call)
{
    uint8_t major = (uint8_t)call->arguments[0], minor = (uint8_t)call->arguments[1];
    return major < 6 || (major == 6 && minor == 0);
}
