// SPDX-License-Identifier: MIT
// Stands in for the header of Wine's kernel tests that reports to a test program: each claim that
// does not hold is printed, with its line. Included by their source behind the kernel's headers.
#ifndef KLDR_CLAIMS_H
#define KLDR_CLAIMS_H

#define IHVDRIVER 77 // DPFLTR_IHVDRIVER_ID

static int running_under_wine;
static int claim_line;

static void claim(int holds, const char *format, ...)
{
    if (!holds) {
        va_list list;
        va_start(list, format);
        DbgPrint("line %d: ", claim_line);
        vDbgPrintEx(IHVDRIVER, 0, format, list);
        va_end(list);
    }
}

static void remark(const char *format, ...)
{
    (void)format;
}

static NTSTATUS winetest_init(void)
{
    return STATUS_SUCCESS;
}

static void winetest_cleanup(void)
{
}

static int broken(int holds)
{
    return holds;
}

#define ok              (claim_line = __LINE__, 0) ? (void)0 : claim
#define ok_(file, line) (claim_line = (line), 0) ? (void)0 : claim
#define skip            remark
#define win_skip        remark
#define trace           remark
#define todo_wine
#define todo_wine_if(condition)
#define winetest_push_context(...)
#define winetest_pop_context()

#endif
