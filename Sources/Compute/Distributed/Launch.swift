import Foundation

/// What a launcher of parallel programs, mpirun or srun, tells its processes.
package struct Launch: Equatable, Sendable {
  /// How many processes it has started; 1: none did.
  package let count: Int
  /// How many of them on this host, as far as it says it.
  package let localCount: Int
  /// A library other than the one beside the program.
  private let library: String?

  /// Reads the environment: Open MPI's names, PMI's of MPICH and Slurm, PMIx's of Slurm.
  package init(_ environment: [String: String] = ProcessInfo.processInfo.environment) {
    func number(_ names: String...) -> Int? {
      names.lazy.compactMap { environment[$0] }.compactMap { Int($0) }.first
    }
    // srun alone sets Slurm's numbers; with PMIx it says that its processes may join.
    let slurm = environment["PMIX_RANK"].flatMap { _ in number("SLURM_STEP_NUM_TASKS") }
    count = max(1, number("OMPI_COMM_WORLD_SIZE", "PMI_SIZE") ?? slurm ?? 1)
    localCount = max(1, number("OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS") ?? 1)
    library = environment["DETECTOR_MPI"]
  }

  /// The threads of a process that is not told how many to use: the cores that the launcher bound it
  /// to, or its share of the host's.
  package func threads(available: Int, online: Int) -> Int {
    available < online ? available : max(1, available / localCount)
  }

  /// The processes that were started together.
  ///
  /// - Parameter program: The executable; the library lies beside it, or in `lib` beside its folder.
  /// - Returns: A single process where none were.
  /// - Throws: ``GroupError``.
  package func group(program: String) throws -> any ProcessGroup {
    guard count > 1 else { return SingleProcess() }
    let folder = URL(filePath: program).deletingLastPathComponent()
    let places = [folder, folder.deletingLastPathComponent().appending(path: "lib")]
      .map { $0.appending(path: "libdetectormpi.so").path }
    let found = places.first(where: FileManager.default.fileExists)
    return try LibraryGroup(library: library ?? found ?? places[0])
  }
}
