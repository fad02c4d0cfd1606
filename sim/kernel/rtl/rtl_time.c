// SPDX-License-Identifier: MIT
// Rtl: times. A system time counts 100 ns from the beginning of the year 1601.

#include "kernel/nt.h"

#include <kldr/ddk/wdm.h>

#define TICKS_PER_SECOND UINT64_C(10000000)
#define SECONDS_PER_DAY  86400u
#define DAYS_TO_1970     134774u
#define DAYS_TO_1980     138426u
#define LAST_YEAR        30827
#define MONDAY           1u // what 1 January 1601 was

static bool is_leap(unsigned year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static unsigned days_of_month(unsigned year, unsigned month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year) ? 1u : 0u);
}

// Days from 1601 to the beginning of a year.
static uint64_t days_to_year(unsigned year)
{
    uint64_t past = year - 1601;
    return 365 * past + past / 4 - past / 100 + past / 400;
}

uint64_t ks_rtl_time_to_time_fields(const struct ks_kernel_call *call)
{
    uint64_t time = ks_guest_number(call->arguments[0], 8);
    uint64_t milliseconds = time / (TICKS_PER_SECOND / 1000), seconds = milliseconds / 1000;
    uint64_t days = seconds / SECONDS_PER_DAY;
    uint32_t second = (uint32_t)(seconds % SECONDS_PER_DAY);
    unsigned year = 1601 + (unsigned)(days / 366), month = 1;
    while (days_to_year(year + 1) <= days) {
        year++;
    }
    uint64_t day = days - days_to_year(year);
    while (day >= days_of_month(year, month)) {
        day -= days_of_month(year, month++);
    }
    *(TIME_FIELDS *)ks_guest_pointer(call->arguments[1]) = (TIME_FIELDS){
        .Year = (CSHORT)year,
        .Month = (CSHORT)month,
        .Day = (CSHORT)(day + 1),
        .Hour = (CSHORT)(second / 3600),
        .Minute = (CSHORT)(second / 60 % 60),
        .Second = (CSHORT)(second % 60),
        .Milliseconds = (CSHORT)(milliseconds % 1000),
        .Weekday = (CSHORT)((days + MONDAY) % 7),
    };
    return 0;
}

static bool is_time(const TIME_FIELDS *fields)
{
    return fields->Year >= 1601 && fields->Year <= LAST_YEAR && fields->Month >= 1 &&
           fields->Month <= 12 && fields->Day >= 1 &&
           fields->Day <= (int)days_of_month((unsigned)fields->Year, (unsigned)fields->Month) &&
           fields->Hour >= 0 && fields->Hour < 24 && fields->Minute >= 0 && fields->Minute < 60 &&
           fields->Second >= 0 && fields->Second < 60 && fields->Milliseconds >= 0 &&
           fields->Milliseconds < 1000;
}

uint64_t ks_rtl_time_fields_to_time(const struct ks_kernel_call *call)
{
    const TIME_FIELDS fields = *(const TIME_FIELDS *)ks_guest_pointer(call->arguments[0]);
    if (!is_time(&fields)) {
        return FALSE;
    }
    uint64_t days = days_to_year((unsigned)fields.Year) + (uint64_t)fields.Day - 1;
    for (unsigned month = 1; month < (unsigned)fields.Month; month++) {
        days += days_of_month((unsigned)fields.Year, month);
    }
    uint64_t hours = days * 24 + (uint64_t)fields.Hour;
    uint64_t seconds = (hours * 60 + (uint64_t)fields.Minute) * 60 + (uint64_t)fields.Second;
    uint64_t milliseconds = seconds * 1000 + (uint64_t)fields.Milliseconds;
    ks_guest_put_number(call->arguments[1], 8, milliseconds * (TICKS_PER_SECOND / 1000));
    return TRUE;
}

// Seconds since a day, when 32 bits hold them.
static uint64_t to_seconds(const struct ks_kernel_call *call, uint64_t days)
{
    uint64_t seconds = ks_guest_number(call->arguments[0], 8) / TICKS_PER_SECOND;
    uint64_t start = days * SECONDS_PER_DAY;
    if (seconds < start || seconds - start > UINT32_MAX) {
        return FALSE;
    }
    ks_guest_put_number(call->arguments[1], 4, seconds - start);
    return TRUE;
}

static uint64_t from_seconds(const struct ks_kernel_call *call, uint64_t days)
{
    uint64_t seconds = (uint32_t)call->arguments[0] + days * SECONDS_PER_DAY;
    ks_guest_put_number(call->arguments[1], 8, seconds * TICKS_PER_SECOND);
    return 0;
}

uint64_t ks_rtl_time_to_seconds_since_1970(const struct ks_kernel_call *call)
{
    return to_seconds(call, DAYS_TO_1970);
}

uint64_t ks_rtl_time_to_seconds_since_1980(const struct ks_kernel_call *call)
{
    return to_seconds(call, DAYS_TO_1980);
}

uint64_t ks_rtl_seconds_since_1970_to_time(const struct ks_kernel_call *call)
{
    return from_seconds(call, DAYS_TO_1970);
}

uint64_t ks_rtl_seconds_since_1980_to_time(const struct ks_kernel_call *call)
{
    return from_seconds(call, DAYS_TO_1980);
}

// ExSystemTimeToLocalTime, ExLocalTimeToSystemTime(from, to): the zone of the simulated system is
// UTC, as TimeZoneBias of the shared page says.
uint64_t ks_rtl_time_to_other_zone(const struct ks_kernel_call *call)
{
    ks_guest_put_number(call->arguments[1], 8, ks_guest_number(call->arguments[0], 8));
    return 0;
}
