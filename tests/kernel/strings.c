// SPDX-License-Identifier: MIT
// Counted strings: made, copied, compared, converted.
#include "check.h"

DECLSPEC_IMPORT ULONG NTAPI RtlAnsiStringToUnicodeSize(PCANSI_STRING AnsiString);
DECLSPEC_IMPORT ULONG NTAPI RtlUnicodeStringToAnsiSize(PCUNICODE_STRING UnicodeString);

static WCHAR one[] = {'O', 'n', 'e', 0}, upper[] = {'O', 'N', 'E', 0}, two[] = {'t', 'w', 'o', 0};
static WCHAR umlauts[] = {0xE4, 0xF6, 0x3C9, 0}, umlauts_upper[] = {0xC4, 0xD6, 0x3A9, 0};

static void check_made(void)
{
    UNICODE_STRING made, copy, empty = {0, 0, NULL};
    ANSI_STRING narrow;
    CHECK(RtlCreateUnicodeString(&made, one) && made.Length == 6 && made.MaximumLength == 8);
    CHECK(made.Buffer != one && made.Buffer[2] == 'e' && made.Buffer[3] == 0);
    CHECK(RtlDuplicateUnicodeString(1, &made, &copy) == STATUS_SUCCESS);
    CHECK(copy.Length == 6 && copy.MaximumLength == 8 && copy.Buffer != made.Buffer);
    RtlFreeUnicodeString(&copy);
    CHECK(copy.Buffer == NULL && copy.Length == 0);
    RtlFreeUnicodeString(&copy);
    CHECK(RtlDuplicateUnicodeString(0, &empty, &copy) == STATUS_SUCCESS && copy.Buffer == NULL);
    CHECK(RtlDuplicateUnicodeString(2, &made, &copy) == STATUS_INVALID_PARAMETER);
    CHECK(RtlUnicodeStringToAnsiString(&narrow, &made, TRUE) == STATUS_SUCCESS);
    CHECK(narrow.Length == 3 && strcmp(narrow.Buffer, "One") == 0);
    RtlFreeAnsiString(&narrow);
    CHECK(narrow.Buffer == NULL);
    CHECK(RtlUnicodeStringToOemString(&narrow, &made, TRUE) == STATUS_SUCCESS);
    RtlFreeOemString(&narrow);
    CHECK(narrow.Buffer == NULL);
    RtlFreeUnicodeString(&made);
}

static void check_case(void)
{
    WCHAR room[8];
    CHAR bytes[4], few[2];
    UNICODE_STRING a, b, c = {0, sizeof room, room}, tight = {0, 2, room};
    STRING text, to = {0, sizeof bytes, bytes}, cut = {0, sizeof few, few};
    RtlInitUnicodeString(&a, umlauts);
    RtlInitUnicodeString(&b, umlauts_upper);
    CHECK(!RtlEqualUnicodeString(&a, &b, FALSE) && RtlEqualUnicodeString(&a, &b, TRUE));
    CHECK(RtlCompareUnicodeString(&a, &b, TRUE) == 0 && RtlCompareUnicodeString(&a, &b, FALSE) > 0);
    CHECK(RtlUpcaseUnicodeString(&c, &a, FALSE) == STATUS_SUCCESS && room[2] == 0x3A9);
    CHECK(RtlUpcaseUnicodeString(&tight, &a, FALSE) == STATUS_BUFFER_OVERFLOW);
    CHECK(RtlDowncaseUnicodeString(&c, &b, FALSE) == STATUS_SUCCESS && room[0] == 0xE4);
    CHECK(RtlDowncaseUnicodeString(&tight, &b, FALSE) == STATUS_BUFFER_OVERFLOW);
    CHECK(RtlUpcaseUnicodeChar(0xFF) == 0x178 && RtlUpcaseUnicodeChar('1') == '1');
    CHECK(RtlDowncaseUnicodeChar(0x416) == 0x436 && RtlDowncaseUnicodeChar('x') == 'x');
    CHECK(RtlUpperChar('q') == 'Q' && RtlUpperChar('?') == '?');
    RtlInitString(&text, "aBc");
    RtlUpperString(&to, &text);
    CHECK(to.Length == 3 && bytes[0] == 'A' && bytes[2] == 'C');
    RtlUpperString(&cut, &text);
    CHECK(cut.Length == 2);
}

static void check_prefixes(void)
{
    UNICODE_STRING a, b, empty = {0, 0, NULL};
    ULONG hash = 0, same = 1;
    RtlInitUnicodeString(&a, one);
    RtlInitUnicodeString(&b, upper);
    CHECK(RtlPrefixUnicodeString(&empty, &a, FALSE) && RtlPrefixUnicodeString(&b, &a, TRUE));
    CHECK(!RtlPrefixUnicodeString(&b, &a, FALSE) && !RtlPrefixUnicodeString(&a, &empty, TRUE));
    CHECK(RtlHashUnicodeString(&a, TRUE, 0, &hash) == STATUS_SUCCESS);
    CHECK(RtlHashUnicodeString(&b, FALSE, 1, &same) == STATUS_SUCCESS && hash == same);
    CHECK(RtlHashUnicodeString(&a, TRUE, 7, &hash) == STATUS_INVALID_PARAMETER);
    CHECK(RtlInitUnicodeStringEx(&a, two) == STATUS_SUCCESS && a.Length == 6);
}

static void check_bytes(void)
{
    CHAR room[8];
    STRING a, b, to = {0, sizeof room, room};
    RtlInitString(&a, "Port");
    RtlInitString(&b, "pORT");
    RtlCopyString(&to, &a);
    CHECK(to.Length == 4 && room[3] == 't');
    CHECK(RtlAppendStringToString(&to, &b) == STATUS_SUCCESS && to.Length == 8);
    CHECK(RtlAppendStringToString(&to, &b) == STATUS_BUFFER_TOO_SMALL && to.Length == 8);
    RtlCopyString(&to, NULL);
    CHECK(to.Length == 0);
    CHECK(RtlAppendAsciizToString(&to, "12345678") == STATUS_SUCCESS && to.Length == 8);
    CHECK(RtlAppendAsciizToString(&to, "9") == STATUS_BUFFER_TOO_SMALL);
    CHECK(RtlCompareString(&a, &b, TRUE) == 0 && RtlCompareString(&a, &b, FALSE) < 0);
    CHECK(RtlEqualString(&a, &b, TRUE) && !RtlEqualString(&a, &b, FALSE));
}

static void check_code_pages(void)
{
    static UCHAR euro[] = {0x80, 0xE4, 0}, oem[] = {0x84, 0};
    WCHAR wide[4] = {0}, source[] = {0x20AC, 0x416, 'x', 0};
    UCHAR narrow[4] = {0};
    ULONG bytes = 0;
    PUCHAR at = euro;
    CHECK(RtlMultiByteToUnicodeN(wide, sizeof wide, &bytes, (PCHAR)euro, 2) == STATUS_SUCCESS);
    CHECK(bytes == 4 && wide[0] == 0x20AC && wide[1] == 0xE4);
    CHECK(RtlMultiByteToUnicodeN(wide, 2, &bytes, (PCHAR)euro, 2) == STATUS_SUCCESS && bytes == 2);
    CHECK(RtlOemToUnicodeN(wide, 2, NULL, (PCHAR)oem, 1) == STATUS_SUCCESS && wide[0] == 0xE4);
    CHECK(RtlOemToUnicodeN(wide, 0, &bytes, (PCHAR)oem, 1) == STATUS_SUCCESS && bytes == 0);
    CHECK(RtlUnicodeToMultiByteN((PCHAR)narrow, 4, &bytes, source, 6) == STATUS_SUCCESS);
    CHECK(bytes == 3 && narrow[0] == 0x80 && narrow[1] == '?' && narrow[2] == 'x');
    CHECK(RtlUpcaseUnicodeToMultiByteN((PCHAR)narrow, 1, &bytes, source + 2, 2) == STATUS_SUCCESS);
    CHECK(bytes == 1 && narrow[0] == 'X');
    CHECK(RtlUnicodeToOemN((PCHAR)narrow, 4, &bytes, umlauts, 2) == STATUS_SUCCESS);
    CHECK(bytes == 1 && narrow[0] == 0x84);
    CHECK(RtlUpcaseUnicodeToOemN((PCHAR)narrow, 4, &bytes, umlauts, 2) == STATUS_SUCCESS);
    CHECK(narrow[0] == 0x8E);
    CHECK(RtlMultiByteToUnicodeSize(&bytes, (PCHAR)euro, 2) == STATUS_SUCCESS && bytes == 4);
    CHECK(RtlUnicodeToMultiByteSize(&bytes, source, 6) == STATUS_SUCCESS && bytes == 3);
    CHECK(RtlAnsiCharToUnicodeChar(&at) == 0x20AC && at == euro + 1);
}

static void check_conversions(void)
{
    WCHAR room[4];
    CHAR bytes[4];
    ANSI_STRING narrow, to = {0, sizeof bytes, bytes}, tight = {0, 3, bytes};
    UNICODE_STRING wide = {0, sizeof room, room}, made, source;
    RtlInitAnsiString(&narrow, "abc");
    RtlInitUnicodeString(&source, one);
    CHECK(RtlxAnsiStringToUnicodeSize(&narrow) == 8 && RtlxUnicodeStringToAnsiSize(&source) == 4);
    CHECK(RtlAnsiStringToUnicodeSize(&narrow) == 8 && RtlUnicodeStringToAnsiSize(&source) == 4);
    CHECK(RtlAnsiStringToUnicodeString(&wide, &narrow, FALSE) == STATUS_SUCCESS);
    CHECK(wide.Length == 6 && room[3] == 0);
    CHECK(RtlOemStringToUnicodeString(&made, &narrow, TRUE) == STATUS_SUCCESS && made.Length == 6);
    RtlFreeUnicodeString(&made);
    wide.MaximumLength = 6;
    CHECK(RtlAnsiStringToUnicodeString(&wide, &narrow, FALSE) == STATUS_BUFFER_OVERFLOW);
    CHECK(RtlOemStringToUnicodeString(&wide, &narrow, FALSE) == STATUS_BUFFER_OVERFLOW);
    CHECK(RtlUnicodeStringToAnsiString(&to, &source, FALSE) == STATUS_SUCCESS && to.Length == 3);
    CHECK(RtlUnicodeStringToAnsiString(&tight, &source, FALSE) == STATUS_BUFFER_OVERFLOW);
    CHECK(RtlUpcaseUnicodeStringToAnsiString(&to, &source, FALSE) == STATUS_SUCCESS);
    CHECK(strcmp(bytes, "ONE") == 0);
    CHECK(RtlUpcaseUnicodeStringToAnsiString(&tight, &source, FALSE) == STATUS_BUFFER_OVERFLOW);
    CHECK(RtlUnicodeStringToOemString(&tight, &source, FALSE) == STATUS_BUFFER_OVERFLOW);
    CHECK(RtlUpcaseUnicodeStringToOemString(&to, &source, FALSE) == STATUS_SUCCESS);
    CHECK(RtlUpcaseUnicodeStringToOemString(&tight, &source, FALSE) == STATUS_BUFFER_OVERFLOW);
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNREFERENCED_PARAMETER(driver);
    UNREFERENCED_PARAMETER(path);
    check_made();
    check_case();
    check_prefixes();
    check_bytes();
    check_code_pages();
    check_conversions();
}
