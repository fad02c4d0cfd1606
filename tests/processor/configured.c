// SPDX-License-Identifier: MIT
// What a scenario says of the processor. Like drivers of hypervisors, it does not start without the
// signature that it knows.
#include "processor.h"

#include "../kernel/check.h"

struct registers {
    ULONG eax, ebx, ecx, edx;
};

static struct registers cpuid(ULONG leaf, ULONG subleaf)
{
    struct registers value;
    __asm__ volatile("cpuid"
                     : "=a"(value.eax), "=b"(value.ebx), "=c"(value.ecx), "=d"(value.edx)
                     : "a"(leaf), "c"(subleaf));
    return value;
}

static BOOLEAN is_expected_hypervisor(void)
{
    struct registers signature = cpuid(0x40000000, 0);
    return (cpuid(1, 0).ecx >> 31) != 0 && signature.ebx == 0x7263694D && // "Micr"
           signature.ecx == 0x666F736F && signature.edx == 0x76482074;
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNREFERENCED_PARAMETER(driver);
    UNREFERENCED_PARAMETER(path);
    if (!is_expected_hypervisor()) {
        DbgPrint("no hypervisor\n");
        failures++;
        return;
    }
    CHECK(cpuid(0x40000000, 0).eax == 0x40000002);
    CHECK(cpuid(0x40000001, 0).eax == 0x31237648);
    CHECK(cpuid(0x40000002, 0).edx == 4 && cpuid(0x40000002, 1).edx == 8);
    CHECK(cpuid(0, 0).ebx == 0x756E6547);
    CHECK(read_msr(0x40000000) == 0x1122334455667788ull);
    write_msr(0x40000000, 3);
    CHECK(read_msr(0x40000000) == 3);
}
