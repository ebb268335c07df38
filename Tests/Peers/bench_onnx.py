"""Times OpenVINO or ONNX Runtime on an ONNX file with a random picture, fp32, every pass by itself.

Prints one line `JSON {"median_ms": …, "min_ms": …, "peak_rss_mib": …}`, as the peers' own scripts.
"""

import argparse
import json
import resource
import statistics
import time

import numpy as np


def openvino(path, threads):
    """A function that runs once, and the input's shape."""
    import openvino as ov

    model = ov.Core().compile_model(path, "CPU", {
        "INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": "1", "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": "f32"})
    request = model.create_infer_request()

    def run(x):
        request.set_input_tensor(ov.Tensor(x))
        return request.infer

    return run, list(model.input(0).shape)


def onnx_runtime(path, threads):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda x: lambda: session.run(None, {name: x}), session.get_inputs()[0].shape


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("onnx")
    parser.add_argument("--backend", choices=["ov", "ort"], required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=100)
    arguments = parser.parse_args()
    load = {"ov": openvino, "ort": onnx_runtime}[arguments.backend]
    bind, shape = load(arguments.onnx, arguments.threads)
    run = bind(np.random.default_rng(0).random(shape, dtype=np.float32))
    for _ in range(3):
        run()
    times = []
    for _ in range(arguments.runs):
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1e3)
    print("JSON " + json.dumps({
        "median_ms": statistics.median(times), "min_ms": min(times),
        "peak_rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


if __name__ == "__main__":
    main()
