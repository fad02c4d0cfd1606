// SPDX-License-Identifier: MIT
// Io: who may open a file that others have open. The driver keeps the counts of each file, a
// SHARE_ACCESS, and what an opening is for in its file object; both are changed here only.

#include "kernel/nt.h"

#include <kldr/ddk/ntddk.h>

#define ARGUMENT(n) (call->arguments[n])

static bool shares_nothing(const FILE_OBJECT *file)
{
    return !file->ReadAccess && !file->WriteAccess && !file->DeleteAccess;
}

// What the opening is for. Sharing counts for those only that read, write or delete.
static void note(FILE_OBJECT *file, uint32_t access, uint32_t share)
{
    file->ReadAccess = (access & (FILE_READ_DATA | FILE_EXECUTE)) != 0;
    file->WriteAccess = (access & (FILE_WRITE_DATA | FILE_APPEND_DATA)) != 0;
    file->DeleteAccess = (access & DELETE) != 0;
    if (!shares_nothing(file)) {
        file->SharedRead = (share & FILE_SHARE_READ) != 0;
        file->SharedWrite = (share & FILE_SHARE_WRITE) != 0;
        file->SharedDelete = (share & FILE_SHARE_DELETE) != 0;
    }
}

// by: 1 or, to take it away again, all ones.
static void count(const FILE_OBJECT *file, SHARE_ACCESS *share, ULONG by)
{
    if (shares_nothing(file)) {
        return;
    }
    share->OpenCount += by;
    share->Readers += file->ReadAccess ? by : 0;
    share->Writers += file->WriteAccess ? by : 0;
    share->Deleters += file->DeleteAccess ? by : 0;
    share->SharedRead += file->SharedRead ? by : 0;
    share->SharedWrite += file->SharedWrite ? by : 0;
    share->SharedDelete += file->SharedDelete ? by : 0;
}

// Each side must share what the other one does.
static bool conflicts(const FILE_OBJECT *file, const SHARE_ACCESS *share)
{
    return (file->ReadAccess && share->SharedRead < share->OpenCount) ||
           (file->WriteAccess && share->SharedWrite < share->OpenCount) ||
           (file->DeleteAccess && share->SharedDelete < share->OpenCount) ||
           (share->Readers != 0 && !file->SharedRead) ||
           (share->Writers != 0 && !file->SharedWrite) ||
           (share->Deleters != 0 && !file->SharedDelete);
}

// IoSetShareAccess(DesiredAccess, DesiredShareAccess, FileObject, ShareAccess): the first opening
uint64_t ks_io_share_set(const struct ks_kernel_call *call)
{
    FILE_OBJECT *file = ks_guest_pointer(ARGUMENT(2));
    SHARE_ACCESS *share = ks_guest_pointer(ARGUMENT(3));
    note(file, (uint32_t)ARGUMENT(0), (uint32_t)ARGUMENT(1));
    *share = (SHARE_ACCESS){0};
    count(file, share, 1);
    return 0;
}

// IoCheckShareAccess(DesiredAccess, DesiredShareAccess, FileObject, ShareAccess, Update)
uint64_t ks_io_share_check(const struct ks_kernel_call *call)
{
    FILE_OBJECT *file = ks_guest_pointer(ARGUMENT(2));
    SHARE_ACCESS *share = ks_guest_pointer(ARGUMENT(3));
    note(file, (uint32_t)ARGUMENT(0), (uint32_t)ARGUMENT(1));
    if (!shares_nothing(file) && conflicts(file, share)) {
        return KS_STATUS(STATUS_SHARING_VIOLATION);
    }
    if ((ARGUMENT(4) & 0xFF) != 0) {
        count(file, share, 1);
    }
    return KS_STATUS(STATUS_SUCCESS);
}

// IoUpdateShareAccess(FileObject, ShareAccess)
uint64_t ks_io_share_update(const struct ks_kernel_call *call)
{
    count(ks_guest_pointer(ARGUMENT(0)), ks_guest_pointer(ARGUMENT(1)), 1);
    return 0;
}

// IoRemoveShareAccess(FileObject, ShareAccess)
uint64_t ks_io_share_remove(const struct ks_kernel_call *call)
{
    count(ks_guest_pointer(ARGUMENT(0)), ks_guest_pointer(ARGUMENT(1)), (ULONG)-1);
    return 0;
}
