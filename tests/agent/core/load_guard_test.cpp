// SPDX-License-Identifier: Apache-2.0
#include "agent/load_guard.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temporary_folder.hpp"

namespace sallyport::agent {
namespace {

constexpr std::uint64_t kLimit = 100 << 20;

LoadStep at(LoadGuard& guard, std::uint64_t percent) { return guard.judge({kLimit / 100 * percent + 4096, kLimit}); }

TEST(LoadGuard, GivenMemoryThatGrowsThenLoadIsShedInTheStatedOrderOneStepALook) {
    LoadGuard guard;
    EXPECT_EQ(at(guard, 59), LoadStep::none);
    EXPECT_EQ(at(guard, 61), LoadStep::give_memory_back);
    EXPECT_EQ(at(guard, 76), LoadStep::rest_camera);
    EXPECT_EQ(at(guard, 80), LoadStep::give_memory_back);
    EXPECT_EQ(at(guard, 91), LoadStep::start_anew);
}

TEST(LoadGuard, GivenMemoryThatGrowsAtOnceThenNoStepIsLeftOut) {
    LoadGuard guard;
    EXPECT_EQ(at(guard, 95), LoadStep::give_memory_back);
    EXPECT_EQ(at(guard, 95), LoadStep::rest_camera);
    EXPECT_EQ(at(guard, 95), LoadStep::start_anew);
}

TEST(LoadGuard, GivenACameraThatRestsWhenTenLooksWereCalmThenItGoesOnAndNotBefore) {
    LoadGuard guard;
    (void)at(guard, 80);
    ASSERT_EQ(at(guard, 80), LoadStep::rest_camera);
    for (int look = 0; look < 9; ++look)
        EXPECT_EQ(at(guard, 40), LoadStep::none) << look;
    EXPECT_EQ(at(guard, 55), LoadStep::none);  // not calm: counted anew
    for (int look = 0; look < 9; ++look)
        EXPECT_EQ(at(guard, 40), LoadStep::none) << look;
    EXPECT_EQ(at(guard, 40), LoadStep::let_camera_go_on);
    EXPECT_EQ(at(guard, 40), LoadStep::none);
}

class ServiceMemory : public ::testing::Test {
protected:
    void write(const std::string& file, const std::string& text) {
        std::filesystem::create_directories((root_ / file).parent_path());
        std::ofstream(root_ / file) << text;
    }
    testing::TemporaryFolder root_;
};

TEST_F(ServiceMemory, GivenAServiceWithALimitThenWhatTheKernelCouldTakeBackDoesNotCount) {
    write("proc/self/cgroup", "0::/system.slice/sallyport-agent.service\n");
    const std::string folder = "sys/fs/cgroup/system.slice/sallyport-agent.service/";
    write(folder + "memory.current", "30000000\n");
    write(folder + "memory.max", "104857600\n");
    write(folder + "memory.stat", "anon 12000000\nfile 18000000\ninactive_file 10000000\nactive_file 8000000\n");
    const auto memory = service_memory(root_.path());
    ASSERT_TRUE(memory);
    EXPECT_EQ(memory->used, 20'000'000U);
    EXPECT_EQ(memory->limit, 104'857'600U);
}

TEST_F(ServiceMemory, GivenNoServiceOrNoLimitThenThereIsNothingToGuard) {
    EXPECT_FALSE(service_memory(root_.path()));
    write("proc/self/cgroup", "0::/user.slice\n");
    write("sys/fs/cgroup/user.slice/memory.current", "30000000\n");
    write("sys/fs/cgroup/user.slice/memory.max", "max\n");
    EXPECT_FALSE(service_memory(root_.path()));
}

}  // namespace
}  // namespace sallyport::agent
