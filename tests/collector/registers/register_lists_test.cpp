// SPDX-License-Identifier: Apache-2.0
#include "collector/registers/register_lists.hpp"

#include <gmock/gmock.h>

#include "tests/collector/registers/store_fixture.hpp"

namespace sallyport::registers {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::at;

class RegisterList : public testing::StoreFixture {
protected:
    std::vector<std::string> values(std::string_view name, WallTime now) {
        auto list = register_list(database(), name, now);
        if (!list || !*list) {
            ADD_FAILURE() << name << ": " << (list ? "no such list" : list.error().message());
            return {};
        }
        return **list;
    }

    const WallTime kMay = at("2026-05-01T00:00:00.000Z"), kJune = at("2026-06-01T00:00:00.000Z"),
                   kJuly = at("2026-07-01T00:00:00.000Z");
};

TEST_F(RegisterList, GivenARegisterThenTheIdsOfWhatHoldsNow) {
    record("sites", "S2", {{"site_id", "S2"}, {"site_name", "Annex"}}, kMay);
    record("sites", "S1", {{"site_id", "S1"}, {"site_name", "Main"}}, kMay, kMay, kJune);
    EXPECT_THAT(values("sites", kMay), ElementsAre("S1", "S2"));
    EXPECT_THAT(values("sites", kJuly), ElementsAre("S2")) << "the other ended";
    EXPECT_THAT(values("sites.site_name", kMay), ElementsAre("Annex", "Main"));
    EXPECT_THAT(values("sites.site_id", kMay), ElementsAre("S1", "S2"));
    EXPECT_THAT(values("media", kMay), IsEmpty()) << "a register without entries is a list without values";
}

TEST_F(RegisterList, GivenAColumnThenEachValueOnceAndASetsItemsByThemselves) {
    record("terminals", "T1", {{"printers_allowed", List{"P2", "P1"}}, {"heartbeat_s", 60}, {"camera_sensor", true}}, kMay);
    record("terminals", "T2", {{"printers_allowed", List{"P2"}}, {"heartbeat_s", 60}, {"asset_tag", nullptr}}, kMay);
    EXPECT_THAT(values("terminals.printers_allowed", kJune), ElementsAre("P1", "P2"));
    EXPECT_THAT(values("terminals.heartbeat_s", kJune), ElementsAre("60"));
    EXPECT_THAT(values("terminals.camera_sensor", kJune), ElementsAre("true"));
    EXPECT_THAT(values("terminals.asset_tag", kJune), IsEmpty());
}

TEST_F(RegisterList, GivenANameOfNoRegisterThenThereIsNoSuchList) {
    for (const std::string name : {"admins", "sites.", "sites.colour", "sites.site_id.x", ".", ""}) {
        EXPECT_FALSE(is_register_list(name)) << name;
        auto list = register_list(database(), name, kMay);
        ASSERT_TRUE(list) << name;
        EXPECT_FALSE(*list) << name;
    }
    EXPECT_TRUE(is_register_list("sites"));
    EXPECT_TRUE(is_register_list("certificates.terminal_id")) << "a view of the enrolled keys";
}

}  // namespace
}  // namespace sallyport::registers
