// SPDX-License-Identifier: Apache-2.0
#include "collector/api/bundle_handlers.hpp"

#include "collector/evidence/bundle/bundle.hpp"
#include "collector/store/alert_repository.hpp"

namespace sallyport::api {
namespace {

using evidence::BundleForm;

// A larger one is made on the server, by sallyportctl: here it would be held in memory for as long as it is sent.
constexpr std::size_t kBundleBytesMax = 64U * 1024 * 1024;

// What the role sees of incidents: the PSD what was referred, the auditor what a person has opened.
Result<store::Incident> visible_incident(const Request& request, Context& context) {
    auto incident = store::find_incident(context.reader, request.id);
    if (!incident) return incident.error();
    const bool visible = *incident && (context.role == kSpoc || (context.role == kPsd && (*incident)->referred_at) ||
                                       (context.role == kAuditor && (*incident)->status != "proposed"));
    if (visible) return std::move(**incident);
    if (context.role == kSpoc) return Error(Errc::not_found, "There is no incident '" + request.id + "'.");
    if (auto logged = log_act(context, request, "access.refused", "incident", request.id, false); !logged)
        return logged.error();
    return Error(Errc::refused, "Your role does not see this incident.");
}

struct Wish {
    std::string purpose;
    BundleForm form = BundleForm::redacted;
};

Result<Wish> wish_of(const Request& request, const Context& context) {
    Wish wish;
    for (const auto& [name, value] : request.query) {
        if (name == "purpose" && is_purpose(value))
            wish.purpose = value;
        else if (name == "form" && (value == "full" || value == "redacted"))
            wish.form = value == "full" ? BundleForm::full : BundleForm::redacted;
        else
            return Error(Errc::bad_input, "query: '" + name + "' with this value is not understood");
    }
    if (wish.purpose.empty()) return Error(Errc::bad_input, "query: 'purpose' is needed");
    if (wish.form == BundleForm::full && context.role != kPsd)
        return Error(Errc::refused, "The full form is for the PSD; yours names no account.");
    return wish;
}

Response file_response(evidence::Bundle bundle) {
    Response response;
    response.content_type = "application/x-tar";
    response.headers = {{"Content-Disposition", "attachment; filename=\"incident-" + bundle.manifest.incident_number + ".tar\""}};
    response.body = std::move(bundle.file);
    return response;
}

}  // namespace

Response export_bundle(const Request& request, Context& context) {
    auto wish = wish_of(request, context);
    if (!wish) return error_response(wish.error());
    auto incident = visible_incident(request, context);
    if (!incident) return error_response(incident.error());
    if (!context.services.bundle) return error_response(Error(Errc::unavailable, "Bundles are not made here."));
    const evidence::BundleOrder order{incident->incident_id, wish->form, context.session.account, context.session.role,
                                      wish->purpose, context.services.clock.now()};
    auto bundle = context.services.bundle(context.reader, incident->ori, order);
    if (!bundle) return error_response(bundle.error());
    if (bundle->file.size() > kBundleBytesMax)
        return error_response(413, "too_large", "The bundle is too large for the console; sallyportctl evidence export makes it.");
    // Logged before it is answered: what is not logged is not handed out.
    if (auto logged = log_act(context, request, "evidence.export", "incident", incident->incident_id, true, wish->purpose,
                              evidence::audit_detail(*bundle));
        !logged)
        return error_response(logged.error());
    return file_response(std::move(*bundle));
}

}  // namespace sallyport::api
