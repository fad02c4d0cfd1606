// SPDX-License-Identifier: MIT
// What file systems use: wild cards in names, and who may share a file.
#include "check.h"

static BOOLEAN is_in(PCWSTR expression_text, PCWSTR name_text, BOOLEAN fold, PWCH table)
{
    UNICODE_STRING expression, name;
    RtlInitUnicodeString(&expression, expression_text);
    RtlInitUnicodeString(&name, name_text);
    return FsRtlIsNameInExpression(&expression, &name, fold, table);
}

static BOOLEAN is_wild(PCWSTR text)
{
    UNICODE_STRING name;
    RtlInitUnicodeString(&name, text);
    return FsRtlDoesNameContainWildCards(&name);
}

static WCHAR same[128];

static void check_names(void)
{
    CHECK(is_wild(L"a*") && is_wild(L"?b") && is_wild(L"<") && is_wild(L"a>") && is_wild(L"\""));
    CHECK(!is_wild(L"plain.txt") && !is_wild(L""));
    CHECK(is_in(L"*", L"a.b", FALSE, NULL) && is_in(L"*.SYS", L"a.b.SYS", FALSE, NULL));
    CHECK(!is_in(L"*.SYS", L"a.sys", FALSE, NULL) && is_in(L"*.SYS", L"a.sys", TRUE, NULL));
    CHECK(!is_in(L"*.SYS", L"a.sysx", TRUE, NULL) && !is_in(L"a", L"", FALSE, NULL));
    CHECK(is_in(L"", L"", FALSE, NULL) && !is_in(L"", L"a", FALSE, NULL));
    CHECK(is_in(L"a?c", L"abc", FALSE, NULL) && !is_in(L"a?c", L"ac", FALSE, NULL));
    CHECK(is_in(L"*a*a*a*b", L"aaaaaaaab", FALSE, NULL));
    CHECK(!is_in(L"*a*a*a*a*b", L"aaaaaaaaaaaaaaaaaaaaaaaaaaaa", FALSE, NULL));
    CHECK(is_in(L"<.txt", L"a.b.txt", FALSE, NULL) && !is_in(L"<", L"a.txt", FALSE, NULL));
    CHECK(is_in(L"a>>.b", L"ax.b", FALSE, NULL) && is_in(L"a>>", L"a", FALSE, NULL));
    CHECK(!is_in(L"a>>.b", L"axyz.b", FALSE, NULL));
    CHECK(is_in(L"a\"", L"a", FALSE, NULL) && is_in(L"a\"b", L"a.b", FALSE, NULL));
    CHECK(!is_in(L"a\"b", L"ab", FALSE, NULL));
    for (WCHAR i = 0; i < 128; i++) {
        same[i] = i;
    }
    CHECK(!is_in(L"A", L"a", TRUE, same) && is_in(L"a", L"a", TRUE, same));
}

static void check_sharing(void)
{
    static FILE_OBJECT first, second, other;
    SHARE_ACCESS share;
    IoSetShareAccess(FILE_READ_DATA, FILE_SHARE_READ, &first, &share);
    CHECK(first.ReadAccess && !first.WriteAccess && first.SharedRead && !first.SharedWrite);
    CHECK(share.OpenCount == 1 && share.Readers == 1 && share.SharedRead == 1);
    CHECK(IoCheckShareAccess(FILE_WRITE_DATA, FILE_SHARE_READ, &second, &share, TRUE) ==
          STATUS_SHARING_VIOLATION);
    CHECK(share.OpenCount == 1 && share.Writers == 0);
    CHECK(IoCheckShareAccess(FILE_READ_DATA, FILE_SHARE_WRITE, &second, &share, TRUE) ==
          STATUS_SHARING_VIOLATION);
    CHECK(IoCheckShareAccess(FILE_READ_DATA, FILE_SHARE_READ, &second, &share, FALSE) ==
          STATUS_SUCCESS);
    CHECK(share.OpenCount == 1);
    IoUpdateShareAccess(&second, &share);
    CHECK(share.OpenCount == 2 && share.Readers == 2 && share.SharedRead == 2);
    CHECK(IoCheckShareAccess(SYNCHRONIZE, 0, &other, &share, TRUE) == STATUS_SUCCESS);
    CHECK(share.OpenCount == 2 && !other.ReadAccess);
    IoRemoveShareAccess(&first, &share);
    IoRemoveShareAccess(&second, &share);
    CHECK(share.OpenCount == 0 && share.Readers == 0 && share.SharedRead == 0);
    CHECK(IoCheckShareAccess(DELETE | FILE_APPEND_DATA, 0, &second, &share, TRUE) ==
          STATUS_SUCCESS);
    CHECK(second.DeleteAccess && share.Deleters == 1 && share.Writers == 1);
}

static void check(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNREFERENCED_PARAMETER(driver);
    UNREFERENCED_PARAMETER(path);
    check_names();
    check_sharing();
}
