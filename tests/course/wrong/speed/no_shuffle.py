# expects: the images come in their own order
def batches(images, labels, batch_size, generator):
    for start in range(0, len(images), batch_size):
        yield images[start : start + batch_size], labels[start : start + batch_size]
