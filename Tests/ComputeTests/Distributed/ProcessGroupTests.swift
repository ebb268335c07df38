import Compute
import TestSupport
import Testing

/// What ranks say to each other; the ranks are threads here.
@Suite struct ProcessGroupTests {
  private struct Wrong: Error, CustomStringConvertible {
    let description: String
  }

  @Test func ofASingleProcessErrorsStayWhatTheyAre() {
    let group = SingleProcess()
    #expect(throws: Wrong.self) {
      try group.jointly { try group.together { throw Wrong(description: "x") } }
    }
    #expect(group.failure == nil)
  }

  @Test func everyRankGetsWhatEachGave() throws {
    let all = ThreadRanks.run(3) { group in
      try group.gathering { Array(repeating: UInt8(group.rank), count: group.rank) }
    }
    for result in all { #expect(try result.get() == [[], [1], [2, 2]]) }
  }

  @Test func whatOneRankFindsWrongEndsTheWorkOfAll() {
    let all = ThreadRanks.run(3) { group in
      try group.jointly {
        _ = try group.gathering { [] }
        // Rank 1 fails where the others go on to an exchange of numbers.
        if group.rank == 1 { throw Wrong(description: "no disk") }
        #expect(group.numbers([2.5]) == [[2.5], [2.5], [2.5]])
        _ = try group.gathering { [] }
        Issue.record("went on")
      }
    }
    for result in all {
      #expect(throws: RankFailure(rank: 1, host: "host1", text: "no disk")) { try result.get() }
    }
  }

  @Test func aRankThatHasSomethingElseIsNamed() {
    let all = ThreadRanks.run(3) { group in
      try group.check(7, "is fine")
      try group.check(group.rank == 2 ? 1 : 0, "sees other files")
    }
    for result in all {
      #expect(throws: RankFailure(rank: 2, host: "host2", text: "sees other files")) {
        try result.get()
      }
    }
  }

  @Test func aBucketSumsTensorsAndMeansThem() throws {
    let all = ThreadRanks.run(3) { group in
      let first = try Tensor(
        Shape(channels: 2), values: [1, Float(group.rank)], on: HostMemory())
      let second = try Tensor(Shape(channels: 1), values: [10], on: HostMemory())
      // Large enough to be summed where it lies.
      let count = 3 * TensorBucket.largePart
      let third = try Tensor(
        Shape(channels: count), values: (0..<count).map { Float($0 % 5 + group.rank) },
        on: HostMemory())
      let bucket = try TensorBucket([first, third, second], ranks: 3)
      func values() -> [Float] { first.values + second.values + third.values.suffix(2) }
      bucket.sum(over: group)
      let sums = values()
      bucket.sum(over: group, times: 1 / 4)
      return [sums, values()]
    }
    // The last index of the third is 98303, 3 modulo 5.
    for result in all {
      #expect(try result.get() == [[3, 3, 30, 9, 12], [2.25, 2.25, 22.5, 6.75, 9]])
    }
  }

  @Test func messagesKeepEveryBit() {
    var message = Message([Float.nan, -0.0, 1.5])
    Optional<Int>.none.write(to: &message)
    Optional(-7).write(to: &message)
    true.write(to: &message)
    "größe\n".write(to: &message)
    [[0.1], []].write(to: &message)
    var reader = MessageReader(message.bytes)
    let floats = [Float](from: &reader)
    #expect(floats.map(\.bitPattern) == [Float.nan, -0.0, 1.5].map(\.bitPattern))
    #expect(Int?(from: &reader) == nil)
    #expect(Int?(from: &reader) == -7)
    #expect(Bool(from: &reader))
    #expect(String(from: &reader) == "größe\n")
    #expect([[Double]](from: &reader) == [[0.1], []])
  }

  @Test func digestsTellOrderAndLimitsApart() {
    func digest(_ texts: String...) -> UInt64 {
      var digest = ContentDigest()
      for text in texts { digest.add(text) }
      return digest.value
    }
    let all = [
      digest(), digest(""), digest("ab"), digest("a", "b"), digest("b", "a"), digest("abcdefgh"),
      digest("abcdefgi"), digest("Abcdefgh"), digest("abcdefgh\0"),
    ]
    #expect(Set(all).count == all.count)
    #expect(digest("a", "b") == digest("a", "b"))
  }

  @Test(
    arguments: [
      ([:], 1, 1), (["OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_LOCAL_SIZE": "2"], 4, 2),
      (["PMI_SIZE": "3", "MPI_LOCALNRANKS": "3"], 3, 3),
      // A batch script of Slurm that starts one process with more cores.
      (["SLURM_STEP_NUM_TASKS": "8"], 1, 1),
      (["SLURM_STEP_NUM_TASKS": "8", "PMIX_RANK": "0"], 8, 1),
    ] as [([String: String], Int, Int)])
  func launchersAreUnderstood(_ environment: [String: String], _ count: Int, _ local: Int) {
    let launch = Launch(environment)
    #expect(launch.count == count)
    #expect(launch.localCount == local)
    #expect(launch.threads(available: 3, online: 16) == 3)
    #expect(launch.threads(available: 16, online: 16) == 16 / local)
  }

  @Test func aMissingLibraryIsNamed() {
    let launch = Launch(["OMPI_COMM_WORLD_SIZE": "2"])
    #expect {
      _ = try launch.group(program: "/nowhere/detector")
    } throws: {
      "\($0)".hasPrefix("/nowhere/libdetectormpi.so: cannot open shared object file: ")
        && "\($0)".contains("make mpi")
    }
  }

  @Test func normalisationOfRanksIsThatOfTheirBatchTogether() throws {
    let (shape, channels) = (Shape(batch: 5, height: 3, width: 4, channels: 6), 6)
    let input = randomValues(shape.count, in: -2...3, seed: 1)
    let gradient = randomValues(shape.count, in: -1...1, seed: 2)
    let scale = randomValues(channels, in: 0.5...2, seed: 3)
    let perImage = shape.countPerImage
    /// Output, input gradient, rolling statistics, gradients of scale and bias.
    @Sendable func normalized(
      _ images: Range<Int>, _ group: (any ProcessGroup)?
    ) throws -> [[Float]] {
      let backend = CPUBackend(pool: try ThreadPool(threadCount: 1))
      backend.normalizationGroup = group
      var own = shape
      own.batch = images.count
      let part = images.lowerBound * perImage..<images.upperBound * perImage
      func tensor(_ shape: Shape, _ values: [Float]) throws -> Tensor {
        try Tensor(shape, values: values, on: backend)
      }
      func zeros() throws -> Tensor { try Tensor(Shape(channels: channels), on: backend) }
      let x = try tensor(own, Array(input[part]))
      let d = try tensor(own, Array(gradient[part]))
      let y = try Tensor(own, on: backend)
      let statistics = try Tensor(Shape(width: 2, channels: channels), on: backend)
      let (mean, variance) = (try zeros(), try zeros())
      let gamma = try tensor(Shape(channels: channels), scale)
      let (beta, gammaGradient, betaGradient) = (try zeros(), try zeros(), try zeros())
      backend.normalize(
        x, scale: gamma, bias: beta, activation: .leaky, statistics: statistics, rollingMean: mean,
        rollingVariance: variance, momentum: 0.1, into: y)
      backend.normalizeGradient(
        d, input: x, scale: gamma, bias: beta, activation: .leaky, statistics: statistics,
        scaleGradient: gammaGradient, biasGradient: betaGradient)
      return [
        y.values, d.values, mean.values, variance.values, gammaGradient.values,
        betaGradient.values,
      ]
    }
    let whole = try normalized(0..<5, nil)
    // Shares of unequal size.
    let parts = try ThreadRanks.run(2) { group in
      try normalized(group.rank == 0 ? 0..<2 : 2..<5, group)
    }.map { try $0.get() }
    for index in 0..<2 {
      expectClose(parts[0][index] + parts[1][index], whole[index], relative: 1e-5, absolute: 1e-5)
    }
    for index in 2..<4 {
      for part in parts { expectClose(part[index], whole[index], relative: 1e-6) }
    }
    for index in 4..<6 {
      let sums = zip(parts[0][index], parts[1][index]).map(+)
      expectClose(sums, whole[index], relative: 1e-5, absolute: 1e-4)
    }
  }
}
