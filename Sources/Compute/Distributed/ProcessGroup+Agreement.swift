extension ProcessGroup {
  /// Whether this process writes, logs and prints.
  package var isFirst: Bool { rank == 0 }

  /// Does work on every rank and tells all of them what it gave; if it failed on some, it throws on
  /// all.
  ///
  /// - Parameter body: Work of this rank, with ``numbers(_:)`` alone of what speaks to the others.
  /// - Returns: What `body` gave on each rank, in their order.
  /// - Throws: ``RankFailure`` of the first rank that failed; of a single process its error as it is.
  package func gathering(_ body: () throws -> [UInt8]) throws -> [[UInt8]] {
    if count == 1 { return [try body()] }
    do {
      let bytes = try body()
      let all = all(bytes, isFailure: false)
      if let failure { throw failure }
      return all
    } catch {
      announce(error)
      throw failure ?? error
    }
  }

  /// Does work on every rank; if it failed on some, it throws on all.
  ///
  /// - Throws: As ``gathering(_:)``.
  package func together<Result>(_ body: () throws -> Result) throws -> Result {
    var result: Result?
    _ = try gathering {
      result = try body()
      return []
    }
    guard let result else { preconditionFailure("work that neither failed nor ended") }
    return result
  }

  /// Does the whole work of a command: what any rank finds wrong ends it on all of them.
  ///
  /// - Throws: As ``gathering(_:)``.
  package func jointly<Result>(_ body: () throws -> Result) throws -> Result {
    if count == 1 { return try body() }
    do {
      let result = try body()
      return try together { result }
    } catch {
      announce(error)
      throw failure ?? error
    }
  }

  /// The numbers of every rank, in their order, as many of each; after a failure those of this one.
  package func numbers(_ own: [Double]) -> [[Double]] {
    all(own.withUnsafeBytes { Array($0) }, isFailure: false).map { bytes in
      var values = own
      // Of a rank that failed meanwhile there is a text instead.
      if failure == nil { values.withUnsafeMutableBytes { $0.copyBytes(from: bytes) } }
      return values
    }
  }

  /// Makes sure that all ranks have the same.
  ///
  /// - Parameters:
  ///   - value: A digest of it.
  ///   - text: What is wrong with a rank that has another, and the remedy.
  /// - Throws: ``RankFailure`` of the first rank that differs from rank 0.
  package func check(_ value: UInt64, _ text: String) throws {
    let all = try gathering { withUnsafeBytes(of: value) { Array($0) } }
    guard let other = all.firstIndex(where: { $0 != all[0] }) else { return }
    let found = RankFailure(rank: other, host: hosts[other], text: text)
    failure = found
    throw found
  }

  /// Tells the others, who wait for this rank somewhere, that it failed.
  private func announce(_ error: any Error) {
    guard failure == nil else { return }
    _ = all(Array("\(error)".utf8), isFailure: true)
  }

  /// Exchanges bytes with a word on whether they are those of a failure.
  private func all(_ bytes: [UInt8], isFailure: Bool) -> [[UInt8]] {
    guard failure == nil else { return Array(repeating: bytes, count: count) }
    let all = exchange([isFailure ? 1 : 0] + bytes)
    if let rank = all.firstIndex(where: { $0[0] != 0 }) {
      failure = RankFailure(
        rank: rank, host: hosts[rank], text: String(decoding: all[rank].dropFirst(), as: UTF8.self))
    }
    return all.map { Array($0.dropFirst()) }
  }
}
