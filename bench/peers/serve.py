"""Trains one model of bench/models in a peer when told to, for bench/step.

usage: serve.py eager|compile|jax MODEL --data FILE --weights FILE [--threads 2] [--float f32]

Inputs, targets and first parameters are those of the files.  Prints one JSON line about the model, then answers each line of standard
input with one of its own:
  N               runs N steps: their times in milliseconds
  losses N        runs N steps: the loss of each
  gradient FILE   writes the gradient at the present parameters under dlc's names
  forget          the most bytes resident are those from here on
  memory          the most bytes resident, beyond those before the model was made
"""
import argparse, json, os, sys, time


def resident(key):
    with open("/proc/self/status") as status:
        return next(1024 * int(line.split()[1]) for line in status if line.startswith(key))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("peer", choices=["eager", "compile", "jax"])
    p.add_argument("model")
    p.add_argument("--data", required=True)
    p.add_argument("--weights", required=True)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--float", default="f32", choices=["f32", "f64"])
    a = p.parse_args()
    answers = os.fdopen(os.dup(1), "w")  # what a library prints is no answer
    os.dup2(2, 1)
    start = time.perf_counter()
    if a.peer == "jax":
        import jax_models as peer
    else:
        import torch_models as peer
    import layouts
    peer.prepare(a.threads, a.float)
    import_s = time.perf_counter() - start
    before = resident("VmRSS:")
    start = time.perf_counter()
    trainer = peer.Trainer(a.model, layouts.read(a.data), layouts.read(a.weights), compiled=a.peer == "compile")
    print(json.dumps(dict(versions=peer.versions(), import_s=import_s, build_s=time.perf_counter() - start)), file=answers, flush=True)
    for line in sys.stdin:
        command, *words = line.split()
        answer = []
        if command == "losses":
            answer = [f"{trainer.step():.17g}" for _ in range(int(words[0]))]
        elif command == "gradient":
            layouts.write(words[0], trainer.gradient())
        elif command == "forget":
            with open("/proc/self/clear_refs", "w") as file:
                file.write("5")
        elif command == "memory":
            answer = [str(resident("VmHWM:") - before)]
        else:
            for _ in range(int(command)):
                start = time.perf_counter()
                trainer.step()
                answer.append(f"{1e3 * (time.perf_counter() - start):.4f}")
        print(*answer, file=answers, flush=True)


if __name__ == "__main__":
    main()
