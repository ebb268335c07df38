import Darknet
import Testing
import Training

/// Input sizes that change in training.
@Suite struct MultiScaleTests {
  private func options(_ random: String, width: Int = 416) throws -> TrainingOptions {
    let file = try ConfigurationFile(
      text: "[net]\nwidth=\(width)\nheight=416\nmax_batches=20000\n[yolo]\nrandom=\(random)\n",
      fileName: "n.cfg")
    return TrainingOptions(try NetConfiguration(file))
  }

  private func widths(_ options: TrainingOptions) -> Set<Int> {
    let scale = MultiScale(options)
    return Set((0..<options.iterations).map { scale.size(at: $0).width })
  }

  /// s · round(f · 416 / 32 + 1): 1.4 gives pjreddie's sizes; at 1.2 no size between 416 · 1.2⁻¹ and
  /// 416 is above 416.
  @Test(arguments: [
    ("0", 416...416), ("1", 320...608), ("1.4", 320...608), ("1.2", 384...544), ("2", 256...864),
  ])
  func rangeFollowsTheConfiguration(random: String, range: ClosedRange<Int>) throws {
    let options = try options(random)
    let expected = Set(stride(from: range.lowerBound, through: range.upperBound, by: 32))
    #expect(widths(options) == expected)
    #expect(Set(MultiScale(options).sizes.map(\.width)) == expected)
    let last = options.iterations - 1
    #expect(MultiScale(options).size(at: last).width == range.upperBound)
  }

  @Test func sidesKeepTheirProportionAndEndAtTheLargest() throws {
    let options = try options("1.4", width: 832)
    let scale = MultiScale(options)
    for iteration in stride(from: 0, to: 19_900, by: 10) {
      let size = scale.size(at: iteration)
      #expect(abs(size.width - 2 * size.height) <= 64)
      #expect(scale.size(at: iteration + 9) == size)
    }
    #expect((19_900..<20_000).allSatisfy { scale.size(at: $0) == (1184 + 32 - 32, 608) })
    #expect(scale.sizes.allSatisfy { $0.width % 32 == 0 && $0.height % 32 == 0 })
  }

  /// Half of the factors enlarge.
  @Test func enlargesAsOftenAsItReduces() throws {
    let options = try options("1.4")
    let scale = MultiScale(options)
    let sizes = stride(from: 0, to: 19_900, by: 10).map { scale.size(at: $0).width }
    let large = Double(sizes.count { $0 > 448 }) / Double(sizes.count)
    #expect(abs(large - 0.48) < 0.06)
  }

  @Test func stepsAreTheConfigurations() throws {
    var options = try options("1.2")
    options.sizeStep = 64
    // 448 would be larger than the cfg's size for a factor below 1; for one above 1 it is too small.
    #expect(widths(options) == [384, 416, 512, 576])
  }
}
