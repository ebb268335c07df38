import ArgumentParser
import Compute
import Foundation

/// How much of the machine to use.
struct RuntimeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Threads to compute on; results do not depend on it. (default: all cores; of ranks on one host their share)",
      valueName: "count"
    ))
  var threads: Int?

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads must be at least 1") }
  }

  /// The threads that were asked for, or one per core; ranks on one host share its cores.
  var threadCount: Int {
    threads
      ?? Launch().threads(
        available: ProcessInfo.processInfo.activeProcessorCount,
        online: sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  }

  func makePool() throws -> ThreadPool { try ThreadPool(threadCount: threadCount) }
}

/// What a network runs on.
struct BackendOptions: ParsableArguments {
  @OptionGroup var runtime: RuntimeOptions

  @Option(
    help: ArgumentHelp(
      "How convolutions are computed: by kernels made for this CPU, or by OpenBLAS.",
      valueName: "engine"))
  var engine = ComputeEngine.fast

  @Flag(help: "Sum all convolutions directly: smaller rounding errors than Winograd's, slower.")
  var exact = false

  @Flag(
    help: """
      Hold weights only as they are, at inference: what convolutions make of them, up to four times \
      as large, is made anew for every image.
      """)
  var lowMemory = false

  var threadCount: Int { runtime.threadCount }

  func makeBackend(instructionSet: InstructionSet? = nil) throws -> CPUBackend {
    CPUBackend(
      pool: try runtime.makePool(), engine: engine, exact: exact, keepsDerivedWeights: !lowMemory,
      instructionSet: instructionSet)
  }
}

extension ComputeEngine: ExpressibleByArgument {}
extension InstructionSet: ExpressibleByArgument {}
