// SPDX-License-Identifier: MIT
// Versions of interfaces, times of zones, and rundown protection by processor.
#include "check.h"

static void check_versions(void)
{
    CHECK(RtlIsNtDdiVersionAvailable(0x05010000) && RtlIsNtDdiVersionAvailable(0x0A000000));
    CHECK(!RtlIsNtDdiVersionAvailable(0x0B000000) && !RtlIsNtDdiVersionAvailable(0x06000100));
    CHECK(IoIsWdmVersionAvailable(1, 0x30) && IoIsWdmVersionAvailable(6, 0));
    CHECK(!IoIsWdmVersionAvailable(6, 1) && !IoIsWdmVersionAvailable(7, 0));
}

static void check_times(void)
{
    LARGE_INTEGER system, local, again;
    KeQuerySystemTimePrecise(&system);
    ExSystemTimeToLocalTime(&system, &local);
    CHECK(local.QuadPart == system.QuadPart - SharedUserData->TimeZoneBias.LowPart);
    ExLocalTimeToSystemTime(&local, &again);
    CHECK(again.QuadPart == system.QuadPart);
}

static void check_reference(PEX_RUNDOWN_REF_CACHE_AWARE reference)
{
    CHECK(ExAcquireRundownProtectionCacheAware(reference));
    CHECK(ExAcquireRundownProtectionCacheAwareEx(reference, 2));
    ExReleaseRundownProtectionCacheAwareEx(reference, 2);
    ExReleaseRundownProtectionCacheAware(reference);
    ExWaitForRundownProtectionReleaseCacheAware(reference);
    CHECK(!ExAcquireRundownProtectionCacheAware(reference));
    CHECK(!ExAcquireRundownProtectionCacheAwareEx(reference, 3));
    ExRundownCompletedCacheAware(reference);
    CHECK(!ExAcquireRundownProtectionCacheAware(reference));
    ExReInitializeRundownProtectionCacheAware(reference);
    CHECK(ExAcquireRundownProtectionCacheAware(reference));
    ExReleaseRundownProtectionCacheAware(reference);
}

static void check_rundown(void)
{
    SIZE_T size = ExSizeOfRundownProtectionCacheAware();
    PEX_RUNDOWN_REF_CACHE_AWARE own = ExAllocatePoolWithTag(NonPagedPool, size, TAG);
    PEX_RUNDOWN_REF_CACHE_AWARE given = ExAllocateCacheAwareRundownProtection(NonPagedPool, TAG);
    CHECK(size >= sizeof(ULONG_PTR) && own != NULL && given != NULL);
    ExInitializeRundownProtectionCacheAware(own, size);
    check_reference(own);
    check_reference(given);
    ExFreePoolWithTag(own, TAG);
    ExFreeCacheAwareRundownProtection(given);
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNREFERENCED_PARAMETER(driver);
    UNREFERENCED_PARAMETER(path);
    check_versions();
    check_times();
    check_rundown();
}
