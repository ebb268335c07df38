import ArgumentParser
import Compute
import Experiments
import Foundation
import Training

extension InterruptFlag {
  /// The flag of one of several ranks, which SIGUSR1 raises too: launchers hand it on to all of them.
  static func watching(_ group: any ProcessGroup) -> InterruptFlag {
    group.count > 1 ? InterruptFlag([SIGINT, SIGTERM, SIGUSR1]) : InterruptFlag()
  }
}

/// The processes that mpirun or another launcher has started, as a command uses them.
struct Ranks {
  /// All of them.
  let group: any ProcessGroup

  /// Joins the others and makes sure that they run the same program with the same arguments.
  ///
  /// - Throws: `GroupError`; `RankFailure` naming a rank that differs.
  init() throws {
    group = try Launch().group(program: Self.program)
    guard group.count > 1 else { return }
    do {
      var digest = ContentDigest()
      for argument in CommandLine.arguments.dropFirst() { digest.add(argument) }
      try group.check(digest.value, "has other arguments than rank 0; give all ranks the same")
      digest.add(toolVersion)
      let bytes = FileManager.default.contents(atPath: Self.program)
      bytes?.withUnsafeBytes { digest.add($0) }
      try group.check(
        digest.value,
        "runs another detector than rank 0 on \(group.hosts[0]); install the same build on all hosts"
      )
      digest.add("\(InstructionSet.supported)")
      try group.check(
        digest.value,
        "its processor has other instructions than that of rank 0 on \(group.hosts[0]), which round "
          + "otherwise; use hosts with the same kind of processor")
    } catch {
      throw quieted(error)
    }
  }

  /// Does the work of a command on all ranks; what one finds wrong ends it on all, and rank 0 says it.
  func run(_ body: () throws -> Void) throws {
    do {
      try group.jointly(body)
    } catch {
      throw quieted(error)
    }
  }

  /// Parts from the others, once the work is done.
  func leave() { group.leave() }

  /// Who works together, one line.
  func text(threads: Int) -> String {
    let hosts = Set(group.hosts).count
    return "\(group.count) ranks on \(hosts) host\(hosts == 1 ? "" : "s"), \(threads) thread"
      + (threads == 1 ? "" : "s") + " each"
  }

  /// Rank 0 speaks for all, before they part: a launcher ends all as soon as one of them has failed.
  private func quieted(_ error: any Error) -> any Error {
    guard group.count > 1 else { return error }
    defer { group.leave() }
    guard group.isFirst else { return ExitCode.failure }
    if error is ExitCode { return error }
    let told = (error as? UsageError).map { ValidationError($0.description) } ?? error
    FileHandle.standardError.write(Data((Detector.fullMessage(for: told) + "\n").utf8))
    return Detector.exitCode(for: told)
  }

  /// The executable.
  static var program: String {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      ?? CommandLine.arguments[0]
  }

  /// Makes sure that a command which works alone was not started several times, to write the same
  /// files.
  ///
  /// - Throws: `ValidationError` where it was.
  static func checkAlone(_ command: any ParsableCommand) throws {
    let launch = Launch()
    guard launch.count > 1, !(command is Train || command is Compare) else { return }
    let name = type(of: command)._commandName
    throw ValidationError(
      "detector \(name) is for one process, and \(launch.count) were started; only train and compare share "
        + "their work")
  }
}
