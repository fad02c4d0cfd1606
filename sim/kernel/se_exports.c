// SPDX-License-Identifier: MIT
// Se: the well-known privileges and security identifiers, as drivers find them by SeExports.

#include "kernel/se_exports.h"

#define TAG_EXPORTS 0x78456553u // 'SeEx'
#define SID_SIZE    16u         // with up to two subauthorities
#define ANYBODY     0u          // identifier authorities
#define WORLD       1u
#define LOCAL       2u
#define CREATOR     3u
#define NT          5u
#define MANDATORY   16u
#define BUILTIN     32u // below NT: aliases

// A privilege, whose LUID is its number, or an identifier S-1-authority-first-second.
struct entry {
    uint8_t privilege; // 0: an identifier
    uint8_t authority, count;
    uint16_t first, second;
};

#define PRIVILEGE(number)                                                                          \
    {                                                                                              \
        number, 0, 0, 0, 0                                                                         \
    }
#define SID(authority, number)                                                                     \
    {                                                                                              \
        0, authority, 1, number, 0                                                                 \
    }
#define ALIAS(number)                                                                              \
    {                                                                                              \
        0, NT, 2, BUILTIN, number                                                                  \
    }

// In the order of the structure, whose members have eight bytes each.
static const struct entry entries[] = {
    PRIVILEGE(2),  // CreateToken
    PRIVILEGE(3),  // AssignPrimaryToken
    PRIVILEGE(4),  // LockMemory
    PRIVILEGE(5),  // IncreaseQuota
    PRIVILEGE(6),  // UnsolicitedInput
    PRIVILEGE(7),  // Tcb
    PRIVILEGE(8),  // Security
    PRIVILEGE(9),  // TakeOwnership
    PRIVILEGE(10), // LoadDriver
    PRIVILEGE(15), // CreatePagefile
    PRIVILEGE(14), // IncreaseBasePriority
    PRIVILEGE(11), // SystemProfile
    PRIVILEGE(12), // Systemtime
    PRIVILEGE(13), // ProfileSingleProcess
    PRIVILEGE(16), // CreatePermanent
    PRIVILEGE(17), // Backup
    PRIVILEGE(18), // Restore
    PRIVILEGE(19), // Shutdown
    PRIVILEGE(20), // Debug
    PRIVILEGE(21), // Audit
    PRIVILEGE(22), // SystemEnvironment
    PRIVILEGE(23), // ChangeNotify
    PRIVILEGE(24), // RemoteShutdown
    SID(ANYBODY, 0),
    SID(WORLD, 0),
    SID(LOCAL, 0),
    SID(CREATOR, 0),
    SID(CREATOR, 1), // CreatorGroup
    {0, NT, 0, 0, 0},
    SID(NT, 1),    // Dialup
    SID(NT, 2),    // Network
    SID(NT, 3),    // Batch
    SID(NT, 4),    // Interactive
    SID(NT, 18),   // LocalSystem
    ALIAS(544),    // Administrators
    ALIAS(545),    // Users
    ALIAS(546),    // Guests
    ALIAS(547),    // PowerUsers
    ALIAS(548),    // AccountOperators
    ALIAS(549),    // SystemOperators
    ALIAS(550),    // PrintOperators
    ALIAS(551),    // BackupOperators
    SID(NT, 11),   // AuthenticatedUsers
    SID(NT, 12),   // Restricted
    SID(NT, 7),    // AnonymousLogon
    PRIVILEGE(25), // Undock
    PRIVILEGE(26), // SyncAgent
    PRIVILEGE(27), // EnableDelegation
    SID(NT, 19),   // LocalService
    SID(NT, 20),   // NetworkService
    PRIVILEGE(28), // ManageVolume
    PRIVILEGE(29), // Impersonate
    PRIVILEGE(30), // CreateGlobal
    PRIVILEGE(31), // TrustedCredManAccess
    PRIVILEGE(32), // Relabel
    PRIVILEGE(33), // IncreaseWorkingSet
    PRIVILEGE(34), // TimeZone
    PRIVILEGE(35), // CreateSymbolicLink
    SID(NT, 17),   // IUser
    SID(MANDATORY, 0),
    SID(MANDATORY, 0x1000), // Low
    SID(MANDATORY, 0x2000), // Medium
    SID(MANDATORY, 0x3000), // High
    SID(MANDATORY, 0x4000), // System
    SID(CREATOR, 4),        // OwnerRights
};

#define COUNT (sizeof entries / sizeof entries[0])

static void put_sid(uint64_t at, const struct entry *entry)
{
    ks_guest_put_number(at, 1, 1);
    ks_guest_put_number(at + 1, 1, entry->count);
    ks_guest_put_number(at + 7, 1, entry->authority); // the last byte of six
    if (entry->count > 0) {
        ks_guest_put_number(at + 8, 4, entry->first);
    }
    if (entry->count > 1) {
        ks_guest_put_number(at + 12, 4, entry->second);
    }
}

uint64_t ks_se_exports_make(struct kldr_world *world, const char *name)
{
    uint64_t block = ks_nt_take(world, COUNT * (8 + SID_SIZE), TAG_EXPORTS);
    (void)name;
    for (size_t i = 0; block != 0 && i < COUNT; i++) {
        uint64_t sid = block + COUNT * 8 + i * SID_SIZE;
        bool privilege = entries[i].privilege != 0;
        ks_guest_put_number(block + i * 8, 8, privilege ? entries[i].privilege : sid);
        if (!privilege) {
            put_sid(sid, &entries[i]);
        }
    }
    return block;
}
