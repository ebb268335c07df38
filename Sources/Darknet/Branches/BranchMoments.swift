package import Compute
package import Detection
import Layers
package import Uncertainty

/// μ and σ² of the objectness logits of one head for a batch, in the order N, H, W, A.
package struct HeadMoments: Sendable {
  /// μ.
  package let means: [Float]
  /// σ² ≥ 0.
  package let variances: [Float]
}

/// Where a head's uncertainty comes from.
package struct BranchMoments {
  /// The branch.
  package let branch: UncertaintyBranch
  /// Its Bayesian layers in order.
  package let layers: [ConvBayes]
  private let columns: ObjectnessColumns?

  /// The branch of a head.
  ///
  /// - Parameters:
  ///   - branch: What the head's section says.
  ///   - head: The head.
  ///   - layer: The head's index.
  ///   - nodes: The network's layers.
  package init(branch: UncertaintyBranch, head: DetectionHead, layer: Int, nodes: [LayerNode]) {
    self.branch = branch
    layers = BranchStructure.chain(endingAt: branch.layer, nodes).compactMap {
      nodes[$0].layer as? ConvBayes
    }
    let convolution = nodes[nodes[layer].inputs[0]].layer as? Convolution
    columns =
      branch.mode == .series
      ? convolution.map { ObjectnessColumns(head: head, convolution: $0) } : nil
  }

  /// The moments after a forward pass that keeps them.
  ///
  /// - Throws: ``ComputeError/outOfMemory(bytes:)``.
  package func values(_ plan: NetworkPlan, backend: any Backend) throws -> HeadMoments {
    guard var moments = plan.moments(of: branch.layer) else {
      preconditionFailure("the plan keeps no moments")
    }
    if let columns { moments = try columns.propagate(moments, backend: backend) }
    return HeadMoments(means: moments.mean.values, variances: moments.variance.values)
  }
}
