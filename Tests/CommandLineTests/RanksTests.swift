import Foundation
import Testing

/// Several processes under mpirun, where there is an MPI.
@Suite(.serialized, .enabled(if: MPI.isThere, "mpicc or mpirun is absent: make mpi-deps"))
struct RanksTests {
  private static let training = Fixture.training(epochs: 200) + ["--evaluate-every", "50"]

  private func expectSameFiles(
    _ detector: Program, _ first: String, _ second: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    for name in ["last.safetensors", "best.safetensors"] {
      #expect(
        try detector.bytes("\(first)/\(name)") == detector.bytes("\(second)/\(name)"), "\(name)",
        sourceLocation: sourceLocation)
    }
  }

  /// Starts the long run on two ranks and returns once it has logged some iterations.
  private func started(_ detector: Program, _ out: String) throws -> RunningProgram {
    let program = try detector.startRanks(2, Self.training + ["--out", out])
    let isUnderWay = program.wait {
      ((try? detector.bytes("\(out)/log.csv")) ?? Data()).count { $0 == UInt8(ascii: "\n") } > 1
    }
    try #require(isUnderWay)
    return program
  }

  @Test func twoRanksGiveTheSameBytesWhateverEndsThemEarly() throws {
    try Fixture.use { detector in
      let alone = try detector.startRanks(2, Self.training + ["--out", "alone"]).wait()
      try #require(alone.status == 0, "\(alone.errors)")
      #expect(alone.errors.contains("2 ranks on 1 host, "))
      // One of them prints.
      #expect(alone.output.split(separator: "\n").count == 2)
      #expect(alone.output.contains("600 iterations"))

      // One is asked to; both stop, and rank 0 saves. mpirun hands the signal on to all, unless it was
      // started with the signal blocked, as here.
      let stopped = try started(detector, "run2")
      kill(try #require(detector.ranks(of: "run2")[1]), SIGUSR1)
      let interrupted = try stopped.wait()
      #expect(interrupted.status == 130)
      #expect(interrupted.errors.contains(/\ninterrupted at iteration \d+; saved\. Continue with:/))
      let resumed = try detector.startRanks(2, ["train", "--resume", "--out", "run2"]).wait()
      #expect(resumed.status == 0, "\(resumed.errors)")
      try expectSameFiles(detector, "run2", "alone")

      // One dies.
      let killed = try started(detector, "run3")
      let victims = detector.ranks(of: "run3")
      let victim = try #require(victims[1])
      kill(victim, SIGKILL)
      let began = Date()
      let ended = try killed.wait()
      #expect(ended.status != 0)
      #expect(Date().timeIntervalSince(began) < 30)
      #expect(ended.errors.contains(/rank 1 .* signal 9/), "\(ended.errors)")
      #expect(detector.ranks(of: "run3").isEmpty)
      let continued = try detector.startRanks(2, ["train", "--resume", "--out", "run3"]).wait()
      #expect(continued.status == 0, "\(continued.errors)")
      try expectSameFiles(detector, "run3", "alone")

      // One process goes on, and says that it does.
      let single = try detector("train", "--resume", "--out", "alone", "--epochs", "201")
      #expect(single.status == 0)
      #expect(single.errors.contains("trained by 2 ranks so far and goes on with one process"))
    }
  }

  @Test func sharedNormalisationLearnsWhatOneProcessDoes() throws {
    try Fixture.use { detector in
      let arguments = Fixture.training(epochs: 4)
      let alone = try detector.run(arguments + ["--out", "one", "--json", "one.json"])
      try #require(alone.status == 0, "\(alone.errors)")
      let ranks = try detector.startRanks(
        2, arguments + ["--sync-norm", "--out", "two", "--json", "two.json"]
      ).wait()
      try #require(ranks.status == 0, "\(ranks.errors)")
      let losses = try ["one.json", "two.json"].map {
        try #require(try detector.json($0)["loss"] as? Double)
      }
      #expect(abs(losses[0] - losses[1]) < 1e-4 * losses[0])
      let resumed = try detector("train", "--resume", "--sync-norm", "--out", "two")
      #expect(resumed.status == 64)
      #expect(resumed.errors.contains("leave out --sync-norm"))
    }
  }

  @Test func comparisonsGiveTheTableOfOneProcess() throws {
    try Fixture.use { detector in
      let arguments = [
        "compare", "--voc", "data", "--model", "net.cfg", "--recipe", "darknet", "--epochs", "2",
        "--rows", "baseline,uncertainty", "--seeds", "1,2",
      ]
      let alone = try detector.run(arguments + ["--out", "one"])
      try #require(alone.status == 0, "\(alone.errors)")
      // Three ranks for four runs.
      let ranks = try detector.startRanks(3, arguments + ["--out", "three"]).wait()
      try #require(ranks.status == 0, "\(ranks.errors)")
      #expect(ranks.output == alone.output)
      #expect(try detector.bytes("one/comparison.csv") == detector.bytes("three/comparison.csv"))
    }
  }

  @Test func whatIsWrongIsSaidOnceByRankZero() throws {
    try Fixture.use { detector in
      func expectLine(_ line: Regex<Substring>, _ outcome: Outcome, status: Int32 = 1) {
        #expect(outcome.status == status)
        let errors = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("Error:") }
        #expect(errors.count == 1, "\(errors)")
        #expect(errors.first?.wholeMatch(of: line) != nil, "\(errors)")
      }
      // Arguments after a colon are those of rank 1.
      let program = Program.executable.path
      expectLine(
        /Error: rank 1 on [^ ]+: has other arguments than rank 0; give all ranks the same/,
        try detector.startRanks(
          1,
          Self.training + ["--out", "x", ":", "-n", "1", program] + Self.training
            + ["--out", "y"]
        ).wait())
      expectLine(
        /Error: rank 0 on [^ ]+: a batch of 4 in 4 parts has not an image for each of 2 ranks; .*/,
        try detector.startRanks(2, Self.training + ["--subdivisions", "4", "--out", "x"]).wait())
      #expect(!detector.exists("x"))
      let alone = try detector.startRanks(2, ["eval", "--voc", "data", "--run", "run"]).wait()
      #expect(alone.status == 64)
      #expect(alone.errors.contains("detector eval is for one process, and 2 were started"))
    }
  }
}

/// The MPI of this machine.
enum MPI {
  static let isThere = ["mpicc", "mpirun"].allSatisfy { name in
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/\(name)")
    }
  }

  /// The library through which ranks speak, built once.
  static func library() throws -> URL { try built.get() }

  private static let built = Result {
    let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources/CProcessGroup")
    let folder = temporaryFolder()
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let library = folder.appending(path: "libdetectormpi.so")
    let outcome = try RunningProgram(
      URL(filePath: "/usr/bin/env"),
      [
        "mpicc", "-std=gnu17", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC",
        "-I" + sources.appending(path: "include").path,
        sources.appending(path: "mpi/mpi_group.c").path, "-o", library.path,
      ], in: folder
    ).wait()
    try #require(outcome.status == 0, "\(outcome.errors)")
    return library
  }
}

extension Program {
  /// Starts a command on several ranks.
  func startRanks(_ count: Int, _ arguments: [String]) throws -> RunningProgram {
    try RunningProgram(
      URL(filePath: "/usr/bin/env"),
      [
        "OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1",
        "DETECTOR_MPI=\(try MPI.library().path)", "mpirun", "--oversubscribe", "--bind-to", "none",
        "-n", "\(count)", Program.executable.path,
      ] + arguments, in: folder)
  }

  /// The processes of a run under way, by rank.
  func ranks(of out: String) -> [Int: pid_t] {
    var found: [Int: pid_t] = [:]
    for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
      guard let process = pid_t(name),
        let command = FileManager.default.contents(atPath: "/proc/\(name)/cmdline"),
        let variables = FileManager.default.contents(atPath: "/proc/\(name)/environ"),
        let place = try? FileManager.default.destinationOfSymbolicLink(
          atPath: "/proc/\(name)/cwd"), place == folder.resolvingSymlinksInPath().path,
        command.split(separator: 0).contains(Data(out.utf8))
      else { continue }
      let prefix = "OMPI_COMM_WORLD_RANK="
      for variable in variables.split(separator: 0) {
        let text = String(decoding: variable, as: UTF8.self)
        if text.hasPrefix(prefix), let rank = Int(text.dropFirst(prefix.count)) {
          found[rank] = process
        }
      }
    }
    return found
  }
}
