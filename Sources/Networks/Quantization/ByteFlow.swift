import Compute
import Layers

/// Which tensors of a quantised network are bytes, floats, or both.
///
/// A quantised convolution reads bytes and gives bytes where another reader wants them and floats
/// otherwise; layers that move values pass bytes on; all others take and give floats. A tensor that is
/// wanted in the form in which it was not made is converted once, after its layer.
struct ByteFlow {
  /// How a layer runs and what becomes of its output.
  struct Place {
    /// Whether the layer itself reads bytes.
    var readsBytes = false
    /// Whether the layer itself gives bytes.
    var makesBytes = false
    /// Whether anything reads the output as bytes, as floats.
    var wantsBytes = false
    var wantsFloats = false

    /// Whether the tensor of bytes exists, that of floats.
    var hasBytes: Bool { makesBytes || wantsBytes }
    var hasFloats: Bool { !makesBytes || wantsFloats }
  }

  /// By layer.
  private(set) var places: [Place]
  /// Of the network's input, which is made of floats.
  private(set) var input = Place()
  let quantization: NetworkQuantization

  init(_ nodes: [LayerNode], _ structure: PlanStructure, _ quantization: NetworkQuantization) {
    self.quantization = quantization
    var places = [Place](repeating: Place(), count: nodes.count)
    var input = Place()
    func want(_ source: Int, bytes: Bool) {
      switch (source < 0, bytes) {
      case (true, true): input.wantsBytes = true
      case (true, false): input.wantsFloats = true
      case (false, true): places[source].wantsBytes = true
      case (false, false): places[source].wantsFloats = true
      }
    }
    for i in structure.terminals { places[i].wantsFloats = true }
    for (i, node) in nodes.enumerated().reversed() where structure.runs[i] {
      let sources = structure.inputs[i]
      let own = quantization[i]
      if let convolution = node.layer as? QuantizedConvolution {
        places[i].readsBytes = true
        places[i].makesBytes =
          convolution.fusesActivation && places[i].wantsBytes && own != nil
      } else if node.movesBytes, own != nil, places[i].wantsBytes,
        sources.allSatisfy({ quantization[$0] == own })
      {
        places[i].readsBytes = true
        places[i].makesBytes = true
      }
      for source in sources { want(source, bytes: places[i].readsBytes) }
      if let source = structure.sums[i]?.source { want(source, bytes: places[i].readsBytes) }
    }
    self.places = places
    self.input = input
  }

  /// The first layer whose bytes are read and stand for nothing, -1 for the input; nil: there is none.
  var missing: Int? {
    if input.wantsBytes && quantization.input == nil { return -1 }
    return places.indices.first { places[$0].wantsBytes && quantization[$0] == nil }
  }
}
