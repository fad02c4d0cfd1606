// SPDX-License-Identifier: MIT
// The source annotations that driver sources carry: all empty here. They are for Microsoft's
// analyser only.
#ifndef KLDR_DDK_SAL_H
#define KLDR_DDK_SAL_H

#ifndef IN
#define IN
#endif
#ifndef OUT
#define OUT
#endif
#ifndef OPTIONAL
#define OPTIONAL
#endif

// A compiler's own sal.h, included first, has the rest.
#ifndef _In_
#define _In_
#define _In_opt_
#define _In_z_
#define _In_opt_z_
#define _Out_
#define _Out_opt_
#define _Inout_
#define _Inout_opt_
#define _Inout_z_
#define _Outptr_
#define _Outptr_opt_
#define _Outptr_result_maybenull_
#define _Outptr_opt_result_maybenull_
#define _COM_Outptr_
#define _Deref_out_
#define _Reserved_
#define _Const_
#define _Maybenull_
#define _Notnull_
#define _Null_terminated_
#define _NullNull_terminated_
#define _Printf_format_string_
#define _Ret_maybenull_
#define _Ret_notnull_
#define _Ret_z_
#define _Check_return_
#define _Must_inspect_result_
#define _Use_decl_annotations_
#define _Points_to_data_
#define _Pre_notnull_
#define _Post_invalid_
#define _Interlocked_operand_
#define _IRQL_requires_same_
#define _IRQL_saves_
#define _IRQL_restores_
#define _IRQL_is_cancel_
#define _Field_z_
#define _Kernel_entry_
#define _Enum_is_bitflag_
#define __drv_aliasesMem
#define _In_reads_(a)
#define _In_reads_opt_(a)
#define _In_reads_bytes_(a)
#define _In_reads_bytes_opt_(a)
#define _In_reads_or_z_(a)
#define _In_range_(a)
#define _Out_writes_(a)
#define _Out_writes_opt_(a)
#define _Out_writes_bytes_(a)
#define _Out_writes_bytes_opt_(a)
#define _Out_writes_z_(a)
#define _Out_writes_all_(a)
#define _Out_writes_bytes_all_(a)
#define _Inout_updates_(a)
#define _Inout_updates_bytes_(a)
#define _Inout_updates_opt_(a)
#define _Outptr_result_bytebuffer_(a)
#define _Outptr_result_buffer_(a)
#define _Field_size_(a)
#define _Field_size_opt_(a)
#define _Field_size_bytes_(a)
#define _Field_size_bytes_opt_(a)
#define _Struct_size_bytes_(a)
#define _Success_(a)
#define _Return_type_success_(a)
#define _Pre_satisfies_(a)
#define _Post_satisfies_(a)
#define _Function_class_(a)
#define _Dispatch_type_(a)
#define _IRQL_requires_(a)
#define _IRQL_requires_max_(a)
#define _IRQL_requires_min_(a)
#define _IRQL_raises_(a)
#define _IRQL_always_function_max_(a)
#define _IRQL_always_function_min_(a)
#define _Acquires_lock_(a)
#define _Releases_lock_(a)
#define _Requires_lock_held_(a)
#define _Requires_lock_not_held_(a)
#define _Acquires_exclusive_lock_(a)
#define _Releases_exclusive_lock_(a)
#define _Acquires_shared_lock_(a)
#define _Releases_shared_lock_(a)
#define _Guarded_by_(a)
#define _Has_lock_kind_(a)
#define _Analysis_assume_(a)
#define _Pre_(a)
#define _Post_(a)
#define _Ret_(a)
#define __drv_allocatesMem(a)
#define __drv_freesMem(a)
#define __drv_maxIRQL(a)
#define __drv_minIRQL(a)
#define __drv_requiresIRQL(a)
#define __drv_dispatchType(a)
#define __drv_functionClass(a)
#define _Out_writes_to_(a, b)
#define _Out_writes_bytes_to_(a, b)
#define _Inout_updates_to_(a, b)
#define _When_(a, b)
#define _At_(a, b)
#define _Outptr_result_buffer_to_(a, b)
#define _IRQL_saves_global_(a, b)
#define _IRQL_restores_global_(a, b)
#endif

#endif
