/*
** The scanners of the formats.
** In: a text and the options of the check.  Out: does the text have the format?
*/
#ifndef INST_SCHEMA_FORMAT_IS_H
#define INST_SCHEMA_FORMAT_IS_H

#include "core/schema/format.h"
#include "core/schema/run.h"

/* A scanner that needs memory takes it from 'arena'; where that failed its answer counts for
** nothing. */
typedef bool (*inst_format_is)(inst_str text, const inst_format_options *options,
                               inst_arena *arena);

/* ---- format_time.c --------------------------------------------------------------------------- */

bool inst_format_is_date(inst_str text, const inst_format_options *options, inst_arena *arena);
bool inst_format_is_time(inst_str text, const inst_format_options *options, inst_arena *arena);
bool inst_format_is_datetime(inst_str text, const inst_format_options *options, inst_arena *arena);
bool inst_format_is_duration(inst_str text, const inst_format_options *options, inst_arena *arena);

/* ---- format_net.c ---------------------------------------------------------------------------- */

bool inst_format_is_email(inst_str text, const inst_format_options *options, inst_arena *arena);
bool inst_format_is_hostname(inst_str text, const inst_format_options *options, inst_arena *arena);
bool inst_format_is_ipv4(inst_str text, const inst_format_options *options, inst_arena *arena);
bool inst_format_is_ipv6(inst_str text, const inst_format_options *options, inst_arena *arena);
bool inst_format_is_ip(inst_str text, const inst_format_options *options, inst_arena *arena);
bool inst_format_is_cidrv4(inst_str text, const inst_format_options *options, inst_arena *arena);
bool inst_format_is_cidrv6(inst_str text, const inst_format_options *options, inst_arena *arena);
bool inst_format_is_cidr(inst_str text, const inst_format_options *options, inst_arena *arena);
bool inst_format_is_mac(inst_str text, const inst_format_options *options, inst_arena *arena);
bool inst_format_is_e164(inst_str text, const inst_format_options *options, inst_arena *arena);
/* A hostname with a dot, that ends in letters. */
bool inst_format_is_domain(inst_str text, const inst_format_options *options, inst_arena *arena);
/* The eight parts of an IPv6 address.  False: it is none. */
bool inst_format_ipv6(inst_str text, uint16_t parts[8]);

/* ---- format_id.c ----------------------------------------------------------------------------- */

bool inst_format_is_uuid(inst_str text, const inst_format_options *options, inst_arena *arena);
bool inst_format_is_guid(inst_str text, const inst_format_options *options, inst_arena *arena);
bool inst_format_is_nanoid(inst_str text, const inst_format_options *options, inst_arena *arena);
bool inst_format_is_cuid(inst_str text, const inst_format_options *options, inst_arena *arena);
bool inst_format_is_cuid2(inst_str text, const inst_format_options *options, inst_arena *arena);
bool inst_format_is_ulid(inst_str text, const inst_format_options *options, inst_arena *arena);
bool inst_format_is_xid(inst_str text, const inst_format_options *options, inst_arena *arena);
bool inst_format_is_ksuid(inst_str text, const inst_format_options *options, inst_arena *arena);
bool inst_format_is_hex(inst_str text, const inst_format_options *options, inst_arena *arena);
bool inst_format_is_base64(inst_str text, const inst_format_options *options, inst_arena *arena);
bool inst_format_is_base64url(inst_str text, const inst_format_options *options, inst_arena *arena);
bool inst_format_is_hash(inst_str text, const inst_format_options *options, inst_arena *arena);
bool inst_format_is_jwt(inst_str text, const inst_format_options *options, inst_arena *arena);
bool inst_format_is_credit_card(inst_str text, const inst_format_options *options,
                                inst_arena *arena);
bool inst_format_is_iban(inst_str text, const inst_format_options *options, inst_arena *arena);
/* Bytes of the digest that 'alg' makes; 0: we do not know it. */
size_t inst_format_digest(inst_str alg);

#endif
