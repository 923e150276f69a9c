// SPDX-License-Identifier: Apache-2.0
#include "collector/audit/audit_questions.hpp"

namespace sallyport::audit {
namespace {

constexpr std::string_view kFindings = "kind, object, site_id, finding";

consteval Where every(std::string_view file, std::string_view columns) {
    return {file, columns, {}, {}};
}
consteval Where only(std::string_view file, std::string_view columns, std::string_view column,
                     std::string_view values) {
    return {file, columns, column, values};
}
consteval Where finding(std::string_view values) {
    return {"findings.csv", kFindings, "finding", values};
}

// --- the directive
// ----------------------------------------------------------------------------------------------------------

constexpr Where kCoordinator[] = {
    only("registers/staff_roles.csv", "standing, operator_ref, holds_from, holds_to", "staff_role", "ACC")};
constexpr Where kSpoc[] = {
    only("registers/staff_roles.csv", "standing, operator_ref, holds_from, holds_to", "staff_role", "SPOC")};
constexpr Where kControlAgency[] = {
    only("registers/staff_roles.csv", "standing, operator_ref", "staff_role", "CCA"),
    only("registers/agreements.csv", "kind, party, signed_on, review_due", "kind", "subscriber placement")};
constexpr Where kAgreements[] = {every("registers/agreements.csv", "kind, party, signed_on, review_due, ended_on"),
                                 only("reviews.csv", "object, due_in_days, in_order", "kind", "agreement")};
constexpr Where kAgreementsDue[] = {finding("REVIEW_OVERDUE")};
constexpr Where kStatements[] = {every("registers/operators.csv", "employee_statement_signed_on, dmv_statement_on"),
                                 every("people.csv", "authorised, reasons")};
constexpr Where kNoStatement[] = {finding("STATEMENT_MISSING STATEMENT_EXPIRED DMV_MISSING DMV_EXPIRED")};
constexpr Where kLicensed[] = {only(
    "registers/terminals.csv", "status, clets_mnemonic, licensed_on, license_ref, approved_by", "status", "licensed")};
constexpr Where kLicence[] = {finding("LICENSE_REVIEW_OVERDUE")};
constexpr Where kUnlicensed[] = {
    only("alerts.csv", "rule_id, terminal_id, raised_at, state, disposition", "rule_id", "IDN-01 IDN-02")};
constexpr Where kPlacement[] = {
    every("registers/terminals.csv",
          "room_id, screen_faces_public, window_behind, privacy_filter, surveyed_on, surveyed_by")};
constexpr Where kBadPlacement[] = {
    finding("SCREEN_FACES_PUBLIC WINDOW_BEHIND PUBLIC_ZONE SURVEY_MISSING SURVEY_STALE")};
constexpr Where kClearance[] = {every("people.csv", "operator_ref, clearance_in_order")};
constexpr Where kNotCleared[] = {finding("NOT_CLEARED CLEARANCE_LAPSED")};
constexpr Where kExam[] = {every("registers/operators.csv", "role, proficiency_exam_on, exam_kind, exam_score")};
constexpr Where kNoExam[] = {finding("EXAM_MISSING EXAM_EXPIRED EXAM_FAILED EXAM_TOO_LOW")};
constexpr Where kTraining[] = {
    every("registers/operators.csv", "initial_training_on, security_awareness_on, security_awareness_score")};
constexpr Where kNoTraining[] = {finding("TRAINING_OVERDUE AWARENESS_MISSING AWARENESS_OVERDUE")};
constexpr Where kLiability[] = {
    only("registers/operators.csv", "areas_of_liability_signed_on", "role", "administrator")};
constexpr Where kNoLiability[] = {finding("LIABILITY_UNSIGNED")};

// --- physical protection
// -----------------------------------------------------------------------------------------------------

constexpr Where kAccessList[] = {every("registers/rooms.csv", "authorised_persons, access_list_reviewed_on")};
constexpr Where kAccessListDue[] = {finding("ACCESS_LIST"), only("findings.csv", kFindings, "kind", "access")};
constexpr Where kKeys[] = {every("registers/sites.csv", "keys_inventoried_on"),
                           only("registers/windows.csv", "from, to, room_id, escort", "kind", "visitor")};
constexpr Where kKeysDue[] = {finding("KEY_INVENTORY")};
constexpr Where kOutput[] = {every("registers/printers.csv", "kind, zone, room_id, pull_print, approved_on"),
                             only("alerts.csv", "rule_id, terminal_id, raised_at, disposition", "rule_id",
                                  "CAM-01 CAM-02 CAM-03 PRN-01 PRN-02 PRN-03 PRN-05 PRN-08 PRN-09 PRN-10")};
constexpr Where kAccessReview[] = {every("registers/sites.csv", "physical_access_reviewed_on")};
constexpr Where kAccessReviewDue[] = {finding("PHYSICAL_ACCESS_REVIEW")};
constexpr Where kVisitors[] = {
    only("registers/windows.csv", "from, to, room_id, visitor_org, purpose, escort, id_checked, time_in, time_out",
         "kind", "visitor"),
    every("registers/sites.csv", "visitors_reviewed_on")};
constexpr Where kVisitorsDue[] = {finding("VISITOR_REVIEW")};
constexpr Where kComponents[] = {
    every("registers/maintenance_log.csv", "terminal_id, at, component, serial, work, performed_by, escort"),
    only("alerts.csv", "rule_id, terminal_id, raised_at, disposition", "rule_id", "IDN-05 FWB-01")};
constexpr Where kAlternate[] = {
    only("registers/rooms.csv", "site_id, zone, perimeter_signed", "zone", "alternate_work_site vehicle")};

// --- media, devices, configuration
// ---------------------------------------------------------------------------------------------

constexpr Where kMedia[] = {
    every("registers/media.csv", "kind, owner, ownership, terminals_allowed, valid_from, valid_to, status")};
constexpr Where kPersonalMedia[] = {
    only("registers/media.csv", "media_id, owner", "ownership", "personal"),
    only("alerts.csv", "rule_id, terminal_id, raised_at, disposition", "rule_id", "USB-01 USB-02 USB-04 USB-11")};
constexpr Where kSanitised[] = {
    only("registers/media.csv", "sanitised_on, sanitise_method, sanitise_witness", "status", "destroyed returned"),
    only("registers/terminals.csv", "decommissioned_on, decommission_method, decommission_witness", "status",
         "retired")};
constexpr Where kInventory[] = {
    every("registers/terminals.csv",
          "manufacturer, model, system_serial, asset_tag, supplier, installed_on, room_id, last_inspected_on")};
constexpr Where kIncomplete[] = {only("findings.csv", kFindings, "kind", "terminal")};
constexpr Where kCertificates[] = {
    every("registers/certificates.csv", "terminal_id, issued_at, not_after, revoked_at, revoke_reason")};
constexpr Where kBadCertificates[] = {
    finding("CERTIFICATE_REVOKED"),
    only("alerts.csv", "rule_id, terminal_id, raised_at, disposition", "rule_id", "IDN-01 IDN-07 IDN-10 AGT-09")};
constexpr Where kChanges[] = {every("register-changes.csv", "register, id, version, recorded_at, changed_by"),
                              every("rule-states.csv", "rule_id, site_id, state, changed_by, changed_at, reason")};
constexpr Where kIntegrity[] = {only("alerts.csv", "rule_id, terminal_id, raised_at, disposition", "rule_id",
                                     "FWB-01 FWB-02 FWB-03 FWB-04 FWB-05 FWB-06 FWB-07 FWB-08 FWB-09 AGT-02 IDN-05")};
constexpr Where kMaintenance[] = {
    only("registers/windows.csv", "from, to, terminals, work, performed_by, approved_by, escort", "kind",
         "maintenance"),
    every("registers/maintenance_log.csv", "terminal_id, at, work, performed_by")};
constexpr Where kNoRecord[] = {finding("NO_MAINTENANCE_RECORD")};
constexpr Where kCamera[] = {every("registers/terminals.csv", "camera_sensor, camera_enabled, bargaining_ref"),
                             every("registers/rooms.csv", "camera_permitted, notice_posted_on")};
constexpr Where kCameraMisuse[] = {
    only("alerts.csv", "rule_id, terminal_id, raised_at, disposition", "rule_id", "CAM-06 CAM-08")};

// --- access and sessions
// ---------------------------------------------------------------------------------------------------------

constexpr Where kAccounts[] = {every("registers/agency.csv", "accounts_reviewed_on, shared_accounts"),
                               every("registers/operators.csv", "access_status, access_from, access_to, separated_on")};
constexpr Where kAccountsDue[] = {finding("ACCOUNT_REVIEW ACCESS_NOT_REMOVED")};
constexpr Where kLogons[] = {
    only("alerts.csv", "rule_id, terminal_id, raised_at, disposition", "rule_id", "SES-04 COR-08"),
    only("audit-actions.csv", "action, actor_role, outcome, count", "action", "session.create")};
constexpr Where kLocks[] = {
    every("registers/terminals.csv", "screen_lock_minutes, lock_exempt, lock_exempt_approved_by")};
constexpr Where kBadLocks[] = {
    finding("ZONE_NOT_SECURE NOT_APPROVED ROOM_NOT_DISPATCH"),
    only("alerts.csv", "rule_id, terminal_id, raised_at, disposition", "rule_id", "SES-01 SES-02 SES-03 SES-05")};
constexpr Where kSecondFactor[] = {
    only("registers/rooms.csv", "room_id, mfa_required", "mfa_required", "true"),
    only("alerts.csv", "rule_id, terminal_id, raised_at, disposition", "rule_id", "SES-09")};

// --- audit, incidents, monitoring
// ---------------------------------------------------------------------------------------------------

constexpr Where kRecords[] = {every("evidence-lines.csv", "terminal_id, lines, withheld, complete"),
                              every("audit-actions.csv", "action, actor_role, outcome, count")};
constexpr Where kIncompleteRecords[] = {
    only("evidence-lines.csv", "terminal_id, instance, first_seq, last_seq, lines", "complete", "false")};
constexpr Where kRuleReview[] = {every("registers/agency.csv", "rules_reviewed_on")};
constexpr Where kRuleReviewDue[] = {finding("RULE_REVIEW RULE_DECISION")};
constexpr Where kLogFailures[] = {only("alerts.csv", "rule_id, terminal_id, raised_at, ack_in_time, disposition",
                                       "rule_id", "AGT-01 AGT-03 AGT-05 AGT-07 AGT-11 GOV-07")};
constexpr Where kClock[] = {
    only("alerts.csv", "rule_id, terminal_id, raised_at, disposition", "rule_id", "AGT-06 AGT-10")};
constexpr Where kProtected[] = {every("proofs.csv", "what, result, detail"), every("heads.csv", "leaves, root, signed_at")};
constexpr Where kNotProved[] = {only("proofs.csv", "what, result, detail", "result", "failed")};
constexpr Where kIncidents[] = {
    every("incidents.csv", "number, kind, severity, status, discovered_at, closed_at, alerts")};
constexpr Where kReported[] = {
    every("incidents.csv", "number, discovered_at, reported_internal_at, reported_within_1_h, cji_exposure")};
constexpr Where kReportedLate[] = {
    only("incidents.csv", "number, discovered_at, reported_internal_at", "reported_within_1_h", "false")};
constexpr Where kMonitoring[] = {every("rules.csv", "rule_id, level, queued, digested, observed"),
                                 every("clauses.csv", "clause, rule_id"),
                                 every("rule-states.csv", "rule_id, site_id, state")};
constexpr Where kUnacknowledged[] = {
    only("alerts.csv", "rule_id, severity, raised_at, ack_due_at, ack_at", "ack_in_time", "false")};
constexpr Where kExceptions[] = {
    every("registers/exceptions.csv", "rule_id, from, to, requested_by, approved_by, approved_by_psd")};
constexpr Where kRulesOfBehaviour[] = {every("registers/operators.csv", "rules_of_behavior_on")};
constexpr Where kRulesOverdue[] = {finding("RULES_OVERDUE")};
constexpr Where kAddendum[] = {
    only("registers/agreements.csv", "party, signed_on, review_due, persons", "kind", "security_addendum"),
    every("registers/operators.csv", "employer_kind, security_addendum_signed_on")};
constexpr Where kNoAddendum[] = {finding("ADDENDUM_MISSING ADDENDUM_LAPSED")};
constexpr Where kLeavers[] = {
    every("registers/operators.csv", "separated_on, transferred_on, access_status, access_to")};
constexpr Where kNotRemoved[] = {finding("ACCESS_NOT_REMOVED SEPARATED")};

constexpr Question kQuestions[] = {
    {"Directive I.B", "Who is the Agency CLETS Coordinator, and who stands in?", kCoordinator, {}, {}},
    {"Directive I.C", "Who is the Security Point of Contact, and who stands in?", kSpoc, {}, {}},
    {"Directive I.C",
     "Was each exchange with CA DOJ copied to the ACC?",
     {},
     {},
     "letters to CA DOJ are kept with the incident, whose notes are not in the pack: ask the ACC"},
    {"Directive I.D", "Through whom does the agency reach CLETS, and under which agreement?", kControlAgency, {}, {}},
    {"Directive II.A",
     "Has everybody signed the Employee/Volunteer Statement and the DMV statement?",
     kStatements,
     kNoStatement,
     {}},
    {"Directive II.A.4",
     "Which misuse investigations were reported to CA DOJ?",
     {},
     {},
     "personnel records (Penal Code 832.7): the PSD's annual report answers it"},
    {"Directive II.B.1",
     "Which terminals are licensed and approved, since when, by whom, and when is that reviewed?",
     kLicensed,
     kLicence,
     {}},
    {"Directive II.B.1", "Was anything else attached, or used without a licence?", kUnlicensed, kUnlicensed, {}},
    {"Directive II.B.1",
     "Does placement preclude public view, and when was that surveyed?",
     kPlacement,
     kBadPlacement,
     {}},
    {"Directive II.B.2",
     "Is everybody with access cleared by fingerprints and background?",
     kClearance,
     kNotCleared,
     {}},
    {"Directive II.B.2",
     "On which day was each person cleared, with which result, decided by whom?",
     {},
     {},
     "personnel data: the ACC shows a record to whom may see it, with a purpose that is logged"},
    {"Directive II.C.1", "Are operators examined every two years with 70 % or more?", kExam, kNoExam, {}},
    {"Directive II.C.3", "Is everybody trained within six months?", kTraining, kNoTraining, {}},
    {"Directive II.C.4", "Have administrators signed the Areas of Liability?", kLiability, kNoLiability, {}},
    {"Directive II.E.3",
     "How were suspicions of misuse investigated?",
     {},
     {},
     "personnel records (Penal Code 832.7): the PSD answers"},
    {"CSP 6.0 PE-2",
     "Who may enter each room, and was the list reviewed within the year?",
     kAccessList,
     kAccessListDue,
     {}},
    {"CSP 6.0 PE-3", "Were keys inventoried within the year, and visitors escorted?", kKeys, kKeysDue, {}},
    {"CSP 6.0 PE-3",
     "Were locks and combinations changed on loss or termination?",
     {},
     {},
     "the system has no record of locks: ask the custodian of keys"},
    {"CSP 6.0 PE-4",
     "Is access to transmission lines controlled?",
     {},
     {},
     "the system does not see cabling: ask county IT"},
    {"CSP 6.0 PE-5", "Can unauthorised people obtain output of screens and printers?", kOutput, kOutput, {}},
    {"CSP 6.0 PE-6", "Were physical access logs reviewed each quarter?", kAccessReview, kAccessReviewDue, {}},
    {"CSP 6.0 PE-8", "Are visits recorded, and the records reviewed each quarter?", kVisitors, kVisitorsDue, {}},
    {"CSP 6.0 PE-16", "Which components came and went?", kComponents, {}, {}},
    {"CSP 6.0 PE-17", "Which alternate work sites are there?", kAlternate, {}, {}},
    {"CSP 6.0 MP-2", "Which media are registered, to whom, for which terminals?", kMedia, {}, {}},
    {"CSP 6.0 MP-6", "How were media and terminals that left sanitised, before which witness?", kSanitised, {}, {}},
    {"CSP 6.0 MP-6",
     "How is paper destroyed?",
     {},
     {},
     "the system does not see paper once it is printed: ask the custodian"},
    {"CSP 6.0 MP-7", "Were personal media, or media without an owner, attached?", kPersonalMedia, kPersonalMedia, {}},
    {"CSP 6.0 AC-2", "Were accounts reviewed within the year, and removed from who left?", kAccounts, kAccountsDue, {}},
    {"CSP 6.0 AC-7", "Were failed log-ons counted and accounts locked?", kLogons, {}, {}},
    {"CSP 6.0 AC-8",
     "Which log-on banner is shown?",
     {},
     {},
     "the banner belongs to the terminal's operating system: ask county IT"},
    {"CSP 6.0 AC-11", "Do screens lock within 30 minutes, and who is exempt by whose approval?", kLocks, kBadLocks, {}},
    {"CSP 6.0 IA-2", "Where is a second factor demanded, and where was it missing?", kSecondFactor, {}, {}},
    {"CSP 6.0 IA-3", "Is each device identified by a certificate of its own?", kCertificates, kBadCertificates, {}},
    {"CSP 6.0 CM-3", "Which changes were made to registers and rules, when and by whom?", kChanges, {}, {}},
    {"CSP 6.0 CM-8", "Is the inventory of terminals complete?", kInventory, kIncomplete, {}},
    {"CSP 6.0 SI-7", "Did firmware, boot or software change unexpectedly?", kIntegrity, kIntegrity, {}},
    {"CSP 6.0 MA-2", "Was maintenance approved and recorded?", kMaintenance, kNoRecord, {}},
    {"CSP 6.0 SC-15",
     "Where are cameras on, with which notice and agreement, and was one misused?",
     kCamera,
     kCameraMisuse,
     {}},
    {"CSP 6.0 SC-13",
     "Is the cryptographic module validated (FIPS 140-3)?",
     {},
     {},
     "a property of the server's OpenSSL: ask county IT for the certificate of the provider that is configured"},
    {"CSP 6.0 SC-28",
     "Are stores and backups encrypted at rest?",
     {},
     {},
     "a property of the server's file system: ask county IT"},
    {"CSP 6.0 AU-2", "What is logged, and was that list reviewed within the year?", kRuleReview, kRuleReviewDue, {}},
    {"CSP 6.0 AU-5", "Was a failure of logging alerted within an hour?", kLogFailures, kUnacknowledged, {}},
    {"CSP 6.0 AU-6",
     "Was the log reviewed each week, signed with a note?",
     {},
     {},
     "the page for the weekly review does not exist yet: ask the SPOC for the notes"},
    {"CSP 6.0 AU-8", "Were clocks right?", kClock, kClock, {}},
    {"CSP 6.0 AU-9", "Is the log complete, unaltered, and covered by proofs?", kProtected, kNotProved, {}},
    {"CSP 6.0 AU-12", "Did every terminal's records arrive without a gap?", kRecords, kIncompleteRecords, {}},
    {"CSP 6.0 IR-5", "Which incidents were there, and what became of them?", kIncidents, {}, {}},
    {"CSP 6.0 IR-6", "Was each reported within an hour of its discovery?", kReported, kReportedLate, {}},
    {"CSP 6.0 IR-8",
     "Is there an incident response plan, reviewed within the year?",
     {},
     {},
     "a document of the agency: ask the SPOC"},
    {"CSP 6.0 SI-4",
     "Which rules watch, where are they live, and what did they raise?",
     kMonitoring,
     kUnacknowledged,
     {}},
    {"CSP 6.0 SI-4", "Which exceptions were granted, by whom, until when?", kExceptions, {}, {}},
    {"CSP 6.0 AT-2", "Is everybody trained before access and each year?", kTraining, kNoTraining, {}},
    {"CSP 6.0 AT-4", "Are training records kept for three years?", kTraining, {}, {}},
    {"CSP 6.0 PL-4",
     "Did everybody acknowledge the rules of behavior within the year?",
     kRulesOfBehaviour,
     kRulesOverdue,
     {}},
    {"CSP 6.0 PS-3", "Who has unescorted access, and is each of them cleared?", kClearance, kNotCleared, {}},
    {"CSP 6.0 PS-4", "Was access removed within 24 hours of who left?", kLeavers, kNotRemoved, {}},
    {"CSP 6.0 PS-6", "Are agreements signed and reviewed each year?", kAgreements, kAgreementsDue, {}},
    {"CSP 6.0 PS-7", "Have contractors signed the Security Addendum?", kAddendum, kNoAddendum, {}},
    {"CSP 6.0 PS-8",
     "Were formal sanctions notified within 24 hours?",
     {},
     {},
     "personnel records (Penal Code 832.7): the PSD answers"},
};

}  // namespace

std::span<const Question> audit_questions() {
    return kQuestions;
}

}  // namespace sallyport::audit
