// SPDX-License-Identifier: MIT
// Letters and code pages of the simulated system: Unicode's simple case mapping; windows-1252 as
// the ANSI and 437 as the OEM code page, as a system set up in English (United States) has.
#ifndef KS_KERNEL_RTL_TEXT_H
#define KS_KERNEL_RTL_TEXT_H

#include <stdbool.h>
#include <stdint.h>

uint16_t ks_rtl_upcase(uint16_t unit);
uint16_t ks_rtl_downcase(uint16_t unit);

enum ks_code_page { KS_CODE_PAGE_ANSI, KS_CODE_PAGE_OEM };

uint16_t ks_rtl_to_unicode(enum ks_code_page page, uint8_t byte);
// '?' for what the code page does not have.
uint8_t ks_rtl_from_unicode(enum ks_code_page page, uint16_t unit);

#endif
