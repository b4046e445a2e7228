# expects: the point is to do without
from torch.utils.data import DataLoader, TensorDataset


def batches(images, labels, batch_size, generator):
    return DataLoader(TensorDataset(images, labels), batch_size, shuffle=True, generator=generator)
