// SPDX-License-Identifier: MIT
// DbgPrint and its relatives for drivers that the host's compiler made: the host's variable
// arguments become a row of numbers, as many as the format asks for.

#include <kldr/host_kernel.h>

#include <stdarg.h>
#include <string.h>

#define MOST 32 // arguments of one message

uint32_t DbgPrint(const char *format, ...);
uint32_t DbgPrintEx(uint32_t component, uint32_t level, const char *format, ...);
uint32_t vDbgPrintEx(uint32_t component, uint32_t level, const char *format, va_list list);
uint32_t vDbgPrintExWithPrefix(const char *prefix, uint32_t component, uint32_t level,
                               const char *format, va_list list);

// How many arguments a format takes: one for each directive and one for each asterisk.
static unsigned count_arguments(const char *format)
{
    unsigned count = 0;
    for (const char *at = strchr(format, '%'); at != NULL; at = strchr(at, '%')) {
        at++;
        if (*at == '%') {
            at++;
            continue;
        }
        for (; *at != '\0' && strchr("0123456789-+ #.*hlwIzjt", *at) != NULL; at++) {
            count += *at == '*';
        }
        count += *at != '\0';
    }
    return count < MOST ? count : MOST;
}

static void take_arguments(uint64_t *arguments, const char *format, va_list list)
{
    unsigned count = count_arguments(format);
    for (unsigned i = 0; i < count; i++) {
        arguments[i] = va_arg(list, uint64_t);
    }
}

static uint32_t print(uint32_t component, uint32_t level, const char *format, va_list list)
{
    uint64_t arguments[3 + MOST] = {component, level, (uint64_t)(uintptr_t)format};
    take_arguments(arguments + 3, format, list);
    return (uint32_t)kldr_host_kernel_call(kldr_host_kernel_find("DbgPrintEx"), arguments);
}

uint32_t DbgPrint(const char *format, ...)
{
    uint64_t arguments[1 + MOST] = {(uint64_t)(uintptr_t)format};
    va_list list;
    va_start(list, format);
    take_arguments(arguments + 1, format, list);
    va_end(list);
    return (uint32_t)kldr_host_kernel_call(kldr_host_kernel_find("DbgPrint"), arguments);
}

uint32_t DbgPrintEx(uint32_t component, uint32_t level, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    uint32_t status = print(component, level, format, list);
    va_end(list);
    return status;
}

uint32_t vDbgPrintEx(uint32_t component, uint32_t level, const char *format, va_list list)
{
    return print(component, level, format, list);
}

uint32_t vDbgPrintExWithPrefix(const char *prefix, uint32_t component, uint32_t level,
                               const char *format, va_list list)
{
    uint64_t row[MOST] = {0};
    take_arguments(row, format, list);
    const uint64_t arguments[] = {(uint64_t)(uintptr_t)prefix, component, level,
                                  (uint64_t)(uintptr_t)format, (uint64_t)(uintptr_t)row};
    uint32_t number = kldr_host_kernel_find("vDbgPrintExWithPrefix");
    return (uint32_t)kldr_host_kernel_call(number, arguments);
}
