// SPDX-License-Identifier: MIT
// What a WDM driver includes: the kernel's types, then its functions, by component.
#ifndef KLDR_DDK_WDM_H
#define KLDR_DDK_WDM_H

#include "ntdef.h"

#include "wdm_objects.h"

#include "wdm_irp.h"

#include "wdm_bits.h"
#include "wdm_callback.h"
#include "wdm_crt.h"
#include "wdm_ex.h"
#include "wdm_exception.h"
#include "wdm_file.h"
#include "wdm_fs.h"
#include "wdm_io.h"
#include "wdm_ke.h"
#include "wdm_list.h"
#include "wdm_mm.h"
#include "wdm_ob.h"
#include "wdm_reg.h"
#include "wdm_remove_lock.h"
#include "wdm_rtl.h"
#include "wdm_section.h"
#include "wdm_slist.h"
#include "wdm_table.h"
#include "wdm_thread.h"
#include "wdm_wmi.h"
#include "wdm_zw.h"

#include "wdm_layout.h"

#endif
