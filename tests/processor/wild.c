// SPDX-License-Identifier: MIT
// Inline kernel code that ends the system: each CASE is built as an image of its own.
#include "processor.h"

#define UNKNOWN_MSR    1
#define WRONG_IRQL     2
#define WRITTEN_PAGE   3
#define OTHER_CR3      4
#define OTHER_GDT      5
#define VIRTUALIZATION 6
#define RAISED_FAULT   7
#define DEAD_CPU       8
#define BAD_STRING     9
#define DEBUG_SERVICE  10
#define CALLED_PAGE    11
#define READ_PAGE      12
#define ENDLESS        13

DRIVER_INITIALIZE DriverEntry;
NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
#if CASE == UNKNOWN_MSR
    read_msr(0x12345);
#elif CASE == WRONG_IRQL
    write_cr8(16);
#elif CASE == WRITTEN_PAGE
    SharedUserData->SystemTime.LowPart = 1;
#elif CASE == OTHER_CR3
    write_cr3(0x5000);
#elif CASE == OTHER_GDT
    UCHAR table[10] = {0};
    __asm__ volatile("lgdt (%0)" : : "r"(table) : "memory");
#elif CASE == VIRTUALIZATION
    __asm__ volatile("vmcall" : : "a"(0));
#elif CASE == RAISED_FAULT
    KIRQL irql;
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    return *(volatile NTSTATUS *)(ULONG_PTR)(irql + 8);
#elif CASE == DEAD_CPU
    __asm__ volatile("cli; hlt");
#elif CASE == BAD_STRING
    READ_PORT_BUFFER_UCHAR((PUCHAR)0x1F0, (PUCHAR)0xFFFF800000000000, 100);
#elif CASE == DEBUG_SERVICE
    __asm__ volatile("int $0x2d; nop" : : "a"(1));
#elif CASE == CALLED_PAGE
    ((VOID(*)(VOID))(ULONG_PTR)(KI_USER_SHARED_DATA + 0x2F8))();
#elif CASE == ENDLESS
    while ((READ_PORT_UCHAR((PUCHAR)0x64) & 1) != 0) {
    }
#elif CASE == READ_PAGE
    return (NTSTATUS)(SharedUserData->NtMajorVersion - 10);
#endif
    return STATUS_SUCCESS;
}
