import Compute
import Testing

@Suite struct AvailableMemoryTests {
  private static let machine = "MemTotal: 16 kB\nMemAvailable:    8192 kB\nSwapFree: 1 kB\n"

  private func bytes(_ files: [String: String]) -> Int? {
    AvailableMemory(reading: { files[$0] })?.bytes
  }

  @Test func theMachineLimits() {
    #expect(bytes(["/proc/meminfo": Self.machine]) == 8192 << 10)
    #expect(bytes([:]) == nil)
    #expect(bytes(["/proc/meminfo": "MemAvailable: x kB"]) == nil)
  }

  /// Files' pages in a group count as free; the group above may allow less; `max` is no limit.
  @Test func groupsLimit() {
    var files = [
      "/proc/meminfo": Self.machine, "/proc/self/cgroup": "0::/a/b\n",
      "/sys/fs/cgroup/a/b/memory.max": "5000000\n",
      "/sys/fs/cgroup/a/b/memory.current": "3000000\n",
      "/sys/fs/cgroup/a/b/memory.stat": "anon 1\ninactive_file 1000000\n",
      "/sys/fs/cgroup/a/memory.max": "max\n", "/sys/fs/cgroup/a/memory.current": "7\n",
    ]
    #expect(bytes(files) == 3_000_000)
    files["/sys/fs/cgroup/a/memory.max"] = "1000007"
    #expect(bytes(files) == 1_000_000)
    files["/sys/fs/cgroup/a/memory.current"] = "9000000"
    #expect(bytes(files) == 0)
    files["/proc/self/cgroup"] = "0::/\n"
    #expect(bytes(files) == 8192 << 10)
    files["/sys/fs/cgroup/memory.max"] = "4096"
    files["/sys/fs/cgroup/memory.current"] = "96"
    #expect(bytes(files) == 4000)
  }

  @Test func groupsOfTheFirstVersionLimit() {
    let folder = "/sys/fs/cgroup/memory/docker/x/"
    #expect(
      bytes([
        "/proc/meminfo": Self.machine, "/proc/self/cgroup": "5:cpu:/y\n4:memory:/docker/x\n",
        folder + "memory.limit_in_bytes": "6000000", folder + "memory.usage_in_bytes": "2000000",
        folder + "memory.stat": "total_inactive_file 500000",
        "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712",
        "/sys/fs/cgroup/memory/memory.usage_in_bytes": "1",
      ]) == 4_500_000)
  }
}
