import Compute
import Detection
import Networks
import TestSupport
import Testing

@testable import Darknet

@Suite struct NetworkBuilderTests {
  @Test func shapesAndHead() throws {
    let network = try build(tinyNetwork)
    #expect(
      network.nodes.map(\.outputShape) == [
        Shape(height: 16, width: 16, channels: 4), Shape(height: 16, width: 16, channels: 6),
        Shape(height: 16, width: 16, channels: 14), Shape(height: 16, width: 16, channels: 14),
      ])
    #expect(network.nodes.map(\.inputs) == [[-1], [0], [1], [2]])
    #expect(network.nodes.map(\.line) == [6, 13, 20, 24])
    let head = YOLOHead(
      anchors: [AnchorBox(width: 1, height: 2), AnchorBox(width: 3, height: 4)], mask: [0, 1],
      classCount: 2)
    #expect(network.heads.first?.head == .yolo(head))
    #expect(network.parameterCount == (4 + 108) + (4 * 6 + 12) + (14 + 84))
  }

  @Test func everyKindOfLayer() throws {
    let network = try build(
      """
      [net]
      width=16
      height=8
      [convolutional]
      filters=4
      activation=mish
      [maxpool]
      size=2
      stride=2
      [upsample]
      stride=2
      [route]
      layers=-1,0
      [shortcut]
      from=-2
      activation=leaky
      [reorg]
      stride=2
      [route]
      layers=-1
      groups=2
      group_id=1
      [avgpool]
      [scale_channels]
      from=-2
      [dropout]
      probability=.2
      [connected]
      output=5
      activation=linear
      [softmax]
      [cost]
      type=sse
      """)
    #expect(
      network.nodes.map { [$0.outputShape.height, $0.outputShape.width, $0.outputShape.channels] }
        == [
          [8, 16, 4], [4, 8, 4], [8, 16, 4], [8, 16, 8], [8, 16, 8], [4, 8, 32], [4, 8, 16],
          [1, 1, 16], [4, 8, 16], [4, 8, 16], [1, 1, 5], [1, 1, 5],
        ])
    #expect(network.nodes[4].inputs == [3, 2])
    #expect(network.nodes[8].inputs == [7, 6])
    #expect(network.notes == ["x.cfg:32: [cost] is left out: losses are chosen apart"])
  }

  @Test func layersOfDarknetsSuccessors() throws {
    let network = try build(
      """
      [net]
      width=16
      height=8
      [convolutional]
      filters=4
      size=3
      pad=1
      dilation=2
      activation=hard_mish
      [maxpool]
      size=2
      stride_x=1
      stride_y=2
      [local_avgpool]
      size=3
      stride=2
      [maxpool]
      maxpool_depth=1
      out_channels=2
      [convolutional]
      filters=2
      activation=logistic
      [sam]
      from=-2
      [shortcut]
      from=-3,-2
      activation=tanh
      """)
    #expect(
      network.nodes.map { [$0.outputShape.height, $0.outputShape.width, $0.outputShape.channels] }
        == [[8, 16, 4], [4, 16, 4], [2, 8, 4], [2, 8, 2], [2, 8, 2], [2, 8, 2], [2, 8, 2]])
    #expect(network.nodes[5].inputs == [4, 3] && network.nodes[6].inputs == [5, 3, 4])
    #expect(
      try NetworkSummary(network).layers.map { "\($0.layer) \($0.size)" } == [
        "convolutional 3x3/1 dilation 2", "maxpool 2x2/1x2", "local_avgpool 3x3/2",
        "maxpool over channels", "convolutional 1x1/1", "sam 3", "shortcut 3 4",
      ])
    // Each side has its own stride.
    let head = """
      [net]
      width=32
      height=48
      [maxpool]
      stride_x=2
      stride_y=4
      [convolutional]
      filters=14
      [yolo]
      anchors=1,2, 3,4
      classes=2
      """
    _ = try build(head)
    #expect(
      message { try build(head.with("height=48", "height=46")) }
        == "x.cfg:3: height=46 is not a multiple of 4, the stride of [yolo] at line 9; 48 is")
    #expect(throws: Never.self) { try build(head.with("width=32", "width=34")) }
  }

  @Test func paddingRules() throws {
    func output(_ lines: String) throws -> Shape {
      try build("[net]\nwidth=13\nheight=13\n\(lines)").nodes[0].outputShape
    }
    #expect(try output("[convolutional]\nsize=5\npad=1\npadding=0").width == 13)
    #expect(try output("[convolutional]\nsize=5\npadding=1").width == 11)
    #expect(try output("[convolutional]\nsize=3\npad=1\ndilation=3").width == 13)
    #expect(try output("[convolutional]\nsize=3\npadding=1\ndilation=2\nstride=2").width == 7)
    #expect(try output("[convolutional]\nsize=1\ndilation=2").width == 13)
    #expect(try output("[maxpool]\nsize=2\nstride=1").width == 13)
    #expect(try output("[maxpool]\nsize=2\nstride=2").width == 7)
    #expect(try output("[maxpool]\nsize=2\nstride=2\npadding=0").width == 6)
  }

  @Test(arguments: [
    (
      "filters=14", "filters=15",
      "x.cfg:24: [yolo] needs 14 channels, 2 anchors x (2 classes + 5), and the layer before it "
        + "gives 15; set filters=14 in [convolutional] at line 20"
    ),
    (
      "anchors=1,2, 3,4", "random=1", "x.cfg:24: [yolo] has no anchors="
    ),
    ("num=2", "num=3", "x.cfg:26: anchors= has 4 numbers, num=3 needs 6"),
    ("3,4", "3", "x.cfg:26: anchors= has 3 numbers; widths and heights come in pairs"),
    ("mask=0,1", "mask=0,2", "x.cfg:25: mask= names anchor 2; num=2 anchors are 0...1"),
    ("mask=0,1", "mask=1,1", "x.cfg:25: mask= names an anchor twice"),
    (
      "groups=2", "groups=3",
      "x.cfg:13: [convolutional], layer 1: groups=3 must divide the input's 4 channels and filters=6"
    ),
    (
      "[yolo]", "[route]\nlayers=3\n[yolo]",
      "x.cfg:25: layers=3 in [route], layer 3, names layer 3; before it there are 0...2"
    ),
    (
      "[yolo]", "[shortcut]\nfrom=-4\n[yolo]",
      "x.cfg:25: from=-4 in [shortcut], layer 3, names layer -1; before it there are 0...2"
    ),
    ("[yolo]", "[route]\n[yolo]", "x.cfg:24: [route] has no layers="),
    ("[yolo]", "[net]\n[yolo]", "x.cfg:24: [net] can stand only at the beginning"),
    ("[yolo]", "[cost]\n[yolo]", "x.cfg:24: [cost] can stand only at the end"),
    (
      "width=32", "width=33",
      "x.cfg:2: width=33 is not a multiple of 2, the stride of [yolo] at line 24; 34 is"
    ),
    (
      "stride=2", "stride_x=2\nstride_y=1",
      "x.cfg:9: stride_x=2 and stride_y=1 differ, which is not supported"
    ),
    (
      "filters=6", "filters=1000",
      "x.cfg:13: with [convolutional], layer 1, the network has more than 1000 weights, the most "
        + "that is supported"
    ),
    (
      "size=3", "size=99",
      "x.cfg:6: with [convolutional], layer 0, the network has more than 1000 weights, the most "
        + "that is supported"
    ),
    (
      "activation=leaky", "activation=lekay",
      "x.cfg:11: activation=lekay in [convolutional]: unknown; use one of linear, leaky, relu, "
        + "relu6, logistic, mish, swish, hard_mish, gelu, elu, selu, tanh, loggy, hardtan, relie, "
        + "ramp"
    ),
    (
      "activation=leaky", "activation=normalize_channels_softmax",
      "x.cfg:11: activation=normalize_channels_softmax in [convolutional] is not supported: "
        + "activations take one value, not all channels of a pixel"
    ),
    ("filters=4", "filters=four", "x.cfg:7: filters=four in [convolutional]: not a whole number"),
  ])
  func refused(_ old: String, _ new: String, _ expected: String) {
    let text = tinyNetwork.with(old, new)
    #expect(
      message {
        try NetworkBuilder.build(
          parse(text), limits: LayerLimits(parameters: 1000), on: HostMemory())
      }
        == expected)
  }

  @Test func unequalMapsOfOneStrideNameTheInputSize() {
    let text = """
      [net]
      width=36
      height=32
      [convolutional]
      stride=4
      filters=2
      [convolutional]
      stride=2
      filters=2
      [upsample]
      [route]
      layers=-1,0
      """
    #expect(
      message { try build(text) }
        == "x.cfg:2: width=36 is not a multiple of 8, the stride of [route] at line 11; 40 is")
    #expect(
      message { try build(text.with("width=36", "width=32").with("layers=-1,0", "layers=-1,1")) }
        == "x.cfg:11: [route], layer 3: cannot join 4x4 to 8x8")
  }

  @Test func needsLayers() {
    #expect(
      message { try build("[net]\nwidth=3\nheight=3") } == "x.cfg:1: the network has no layers")
  }
}
