import Darknet
import Testing

@Suite struct NetConfigurationTests {
  private func net(_ lines: String) throws -> NetConfiguration {
    try NetConfiguration(parse("[net]\nwidth=64\nheight=32\n\(lines)"))
  }

  @Test func defaultsAreDarknets() throws {
    let net = try net("")
    #expect(net.batch == 1 && net.subdivisions == 1 && net.channels == 3)
    #expect(net.width == 64 && net.height == 32)
    #expect(
      net.optimizer == .sgd(momentum: 0.9) && !net.decaysAll && net.weightDecay == 0.0001
        && net.learningRate == 0.001)
    #expect(net.burnIn == 0 && net.burnInPower == 4 && net.maxBatches == 0)
    #expect(net.policy == .constant && net.letterBox == nil && net.emaAlpha == 0)
    #expect(net.flips && !net.mosaic && !net.mixup && net.blur == 0 && net.noise == 0)
    #expect(!net.cutMix && net.resize == 1 && net.sizeFactor == nil && net.sizeStep == 32)
    #expect(net.saturation == 1 && net.exposure == 1 && net.hue == 0)
  }

  @Test func policies() throws {
    #expect(
      try net("policy=steps\nsteps=10,20\nscales=.1,.5").policy
        == .steps([
          .init(iteration: 10, scale: Double(Float(0.1))), .init(iteration: 20, scale: 0.5),
        ]))
    #expect(try net("policy=step\nstep=5\nscale=.5").policy == .step(interval: 5, scale: 0.5))
    #expect(try net("policy=poly\npower=2").policy == .polynomial(iterations: 0, power: 2))
    #expect(try net("policy=exp\ngamma=.9").policy == .exponential(gamma: Double(Float(0.9))))
    #expect(
      try net("policy=sig\ngamma=.1\nstep=7").policy == .sigmoid(gamma: Double(Float(0.1)), step: 7)
    )
    #expect(
      try net("policy=cosine\nmax_batches=9").policy
        == .cosine(iterations: 9))
    #expect(
      try net("policy=sgdr\nsgdr_cycle=9").policy
        == .restarts(minimum: Double(Float(0.00001)), cycle: 9, multiplier: 2))
    #expect(
      try net("policy=sgdr\nmax_batches=50\nsgdr_mult=1\nlearning_rate_min=.25").policy
        == .restarts(minimum: 0.25, cycle: 50, multiplier: 1))
    #expect(
      try net("policy=cosine\nmax_batches=9\nlearning_rate_min=.25").policy
        == .restarts(minimum: 0.25, cycle: 9, multiplier: 1))
    #expect(try net("policy=random\npower=2").policy == .random(power: 2, seed: 0))
  }

  @Test func lastHeadGivesAugmentation() throws {
    let net = try net("[yolo]\njitter=.1\nrandom=1\n[yolo]\njitter=.3\nrandom=0")
    #expect(net.jitter == 0.3 && !net.isMultiScale)
  }

  @Test func sizesAreVaried() throws {
    let one = try net("[yolo]\nrandom=1")
    #expect(one.isMultiScale && one.sizeFactor == nil)
    let other = try net("resize_step=16\n[yolo]\nrandom=1.25\nresize=1.5\njitter=.8")
    #expect(other.isMultiScale && other.sizeFactor == 1.25 && other.sizeStep == 16)
    // More than half at each side would leave nothing.
    #expect(other.resize == 1.5 && other.jitter == 0.49)
    #expect(try net("[yolo]\nrandom=.5").sizeFactor == 2)
  }

  @Test(arguments: [
    (
      "policy=fast",
      "x.cfg:4: policy=fast in [net]: unknown; use one of constant, steps, step, poly, exp, sig, "
        + "sigmoid, cosine, sgdr, random"
    ),
    (
      "policy=steps\nsteps=1,2\nscales=.1",
      "x.cfg:6: policy=steps needs as many scales= as steps=; there are 1 and 2"
    ),
    ("policy=steps\nsteps=2,1\nscales=.1,.1", "x.cfg:5: steps= must increase"),
    ("batch=10\nsubdivisions=3", "x.cfg:5: batch=10 is not a multiple of subdivisions=3"),
    ("batch=ten", "x.cfg:4: batch=ten in [net]: not a whole number"),
    ("batch=0", "x.cfg:4: batch=0 in [net]: must be in 1...1000000"),
    ("decay=x", "x.cfg:4: decay=x in [net]: not a number"),
    ("decay=inf", "x.cfg:4: decay=inf in [net]: must be in 0.0...1.0"),
    ("decay=1e99", "x.cfg:4: decay=1e99 in [net]: must be in 0.0...1.0"),
    ("decay= # small", "x.cfg:4: decay= has no value"),
    ("steps=10 20", "x.cfg:4: a blank and no comma between '10' and '20'"),
    ("batch=1e1", "x.cfg:4: batch=1e1 in [net]: not a whole number"),
    ("batch=1.5", "x.cfg:4: batch=1.5 in [net]: not a whole number"),
    ("cutmix=2", "x.cfg:4: cutmix=2 in [net]: must be in 0...1"),
    ("policy=sgdr\nsgdr_cycle=0", "x.cfg:5: sgdr_cycle=0 in [net]: must be in 1...1000000000"),
    ("policy=sgdr\nsgdr_mult=0", "x.cfg:5: sgdr_mult=0 in [net]: must be in 1...1000"),
    ("[yolo]\nresize=0", "x.cfg:5: resize=0 in [yolo]: must be in 0.1...10.0"),
    ("mosaic=2", "x.cfg:4: mosaic=2 in [net]: must be in 0...1"),
    ("blur=-1", "x.cfg:4: blur=-1 in [net]: must be in 0...255"),
    ("gaussian_noise=128", "x.cfg:4: gaussian_noise=128 in [net]: must be in 0.0...127.0"),
    ("letter_box=2", "x.cfg:4: letter_box=2 in [net]: must be in 0...1"),
    ("steps=1,,3\npolicy=steps", "x.cfg:4: steps=1,,3 in [net]: '' is not a whole number"),
  ])
  func refused(_ lines: String, _ expected: String) {
    #expect(message { try net(lines) } == expected)
  }

  @Test func netIsRequired() {
    #expect(
      message { try build("[net]\nheight=3\n[convolutional]") } == "x.cfg:1: [net] has no width=")
    #expect(
      message { try build("[convolutional]\n") }
        == "x.cfg:1: the first section is [convolutional], not [net]")
  }
}
