# %% [markdown]
# # 12 · Your own picture
#
# A network that reads 99 of 100 test images often fails on the first photo of one's own digit. Here you find out why,
# make of any photo what MNIST would have made of it, stage by stage, and learn to find the stage that went wrong. You
# need lessons 4, 6 and 11; it takes forty minutes.

# %%
import io

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image, ImageDraw, ImageOps

from inkdigits import (
    RECIPES,
    Reader,
    draw_trace,
    find_ink,
    fit,
    load_dataset,
    load_picture,
    normalize_digit,
    plot_images,
    shipped_classifier,
    softmax,
    split_dataset,
)

small_cnn = RECIPES["light"].config.replace({"epochs": 2, "augment": None})  # on MNIST's images as they are
network = fit(small_cnn).classifier  # a few seconds of training, as most people have it
_, valid_set = split_dataset(load_dataset("mnist"), 5_000, seed=0)


def accuracy(images, network=network):
    """Return the share of the 5,000 validation images that a network reads after something was done to them."""
    return (network.logits(images).argmax(axis=1) == valid_set.labels).mean()


as_they_are = accuracy(valid_set.images)
print(f"as they are: {as_they_are:.1%}")
assert as_they_are > 0.98

# %% [markdown]
# ## Ninety-nine of a hundred of what?
#
# Of images made exactly as MNIST's were. Its makers cropped each digit to its ink, scaled it so that its longest side
# was 20 pixels, its proportions kept, and laid it into 28 x 28 pixels with its **centre of mass**, the mean place of
# its ink, in the middle. All 60,000 images obey, and that can be measured:


# %%
def extent(inked):
    """Return how far it is from the first True to the last in each row of bool (N, 28)."""
    return 28 - inked.argmax(axis=1) - inked[:, ::-1].argmax(axis=1)


images = load_dataset("mnist").images  # uint8 (60000, 28, 28)
longest = np.maximum(extent(images.any(axis=2)), extent(images.any(axis=1)))  # of height and width
ink = images.sum(axis=(1, 2))
row = (images.sum(axis=2) @ np.arange(28)) / ink  # of the centre of mass, counted from 0
column = (images.sum(axis=1) @ np.arange(28)) / ink
print("longest side 20:", (longest == 20).sum(), "images; 19:", (longest == 19).sum())
print(f"centre of mass: rows {row.min():.2f} to {row.max():.2f}, columns {column.min():.2f} to {column.max():.2f}")
assert (longest == 20).mean() > 0.999
assert 13.4 < min(row.min(), column.min()) < max(row.max(), column.max()) < 14.6

# %% [markdown]
# A network is never told this. It has seen nothing else, so it relies on it. Disobey, one thing at a time:


# %%
def scaled(image, side):
    """Return an image with its content scaled to side x side pixels, in the middle."""
    small = Image.fromarray(image).resize((side, side), Image.Resampling.BILINEAR)
    return np.pad(np.asarray(small), (28 - side) // 2)


changed = {
    "4 px lower": np.pad(valid_set.images, ((0, 0), (4, 0), (0, 0)))[:, :28],
    "4 px lower, 4 right": np.pad(valid_set.images, ((0, 0), (4, 0), (4, 0)))[:, :28, :28],
    "half the size": np.stack([scaled(image, 14) for image in valid_set.images]),
    "black and white swapped": 255 - valid_set.images,
}
shares = {name: accuracy(images) for name, images in changed.items()}
print({name: f"{share:.1%}" for name, share in shares.items()})
assert max(shares.values()) < 0.9

# %%
figure, axes = plt.subplots(1, 5, figsize=(9, 2))
axes[0].imshow(valid_set.images[0], cmap="gray_r", vmin=0, vmax=255)
axes[0].set_title("MNIST", fontsize=9)
for axis, (name, images) in zip(axes[1:], changed.items(), strict=True):
    axis.imshow(images[0], cmap="gray_r", vmin=0, vmax=255)
    axis.set_title(f"{name}\n{shares[name]:.1%} read", fontsize=9)
plt.setp(axes, xticks=[], yticks=[])
plt.show()

# %% [markdown]
# A person reads all of these. The network was never taught to. Two things help: train it on more kinds of images
# (lesson 10), and make of every picture an image of the kind it knows. This lesson is about the second.
#
# A network can do a part of that itself. That of the recipe `quick` begins with a layer that measures the mean place,
# the spread and the slant of the ink, moves the middle of it to the middle of the image, takes out the slant and
# stretches every digit to one size. So it hardly minds where a digit stands. What is half the size is beyond the limit
# of its stretching, and it takes paper for ink as any other does:

# %%
upright = fit("quick").classifier
shares_upright = {name: accuracy(images, upright) for name, images in changed.items()}
print({name: f"{share:.1%}" for name, share in shares_upright.items()})
assert shares_upright["4 px lower, 4 right"] > 0.95
assert shares_upright["half the size"] < 0.9
assert shares_upright["black and white swapped"] < 0.5

# %% [markdown]
# ## The way of a widely read tutorial
#
# It turned the whole picture gray, pressed it into 28 x 28 pixels, subtracted it from 255 and asked the network. Here
# is a picture of a 7, real handwriting on simulated paper in simulated light, and what the network gets to see that
# way. We ask the classifier that ships in the package; it was trained on many more kinds of images than ours.


# %%
def pressed(picture):
    """Return a PIL picture as the tutorial made it: uint8 (28, 28)."""
    return 255 - np.asarray(picture.convert("L").resize((28, 28)))


classifier = shipped_classifier()
photo = Image.open("pictures/seven.jpg")
probabilities = softmax(classifier.logits(pressed(photo)[None]))[0]
print(f"read: {probabilities.argmax()}, {probabilities.max():.1%}; paper is {pressed(photo)[0, 0]}, where MNIST has 0")
assert probabilities.argmax() != 7

# %%
figure, axes = plt.subplots(1, 2, figsize=(6, 2.3))
for axis, image, title in zip(axes, (photo, 255 - pressed(photo)), ("the photo", "pressed to 28 x 28"), strict=True):
    axis.imshow(image, cmap="gray", vmin=0, vmax=255)
    axis.set_title(title)
    axis.axis("off")
plt.show()

# %% [markdown]
# The 7 is a quarter of the picture wide, so it is seven pixels wide now, where MNIST's digits fill twenty, and stands
# in gray fog. The answer is worth nothing, whatever the percentage beside it.
#
# ## Stage by stage
#
# **Load.** Any file becomes one plane of gray, upright, 0 = black and 255 = white.

# %%
picture = load_picture("pictures/seven.jpg")
gray = picture.gray  # uint8 (720, 960)
print(gray.shape, gray.dtype, f"paper: {gray[:, 0].mean():.0f} at the left, {gray[:, -1].mean():.0f} at the right")

# %% [markdown]
# **Ink.** Light falls unevenly: the paper at the right is darker than at the left by almost half, and whoever calls ink
# what is below 128 calls the right edge ink. `find_ink` divides by the brightness of the paper around, finds out which
# side is paper, and returns the ink as MNIST has it: 0 = paper, 255 = ink.

# %%
found = find_ink(gray)
print(found.ink.shape, "dark ink on light paper:", found.dark_ink, f"ink covers {found.mask.mean():.1%}")

# %% [markdown]
# **Crop.** Rows and columns without ink go.

# %%
rows, columns = np.flatnonzero(found.mask.any(axis=1)), np.flatnonzero(found.mask.any(axis=0))
digit = found.ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
print(f"rows {rows[0]} to {rows[-1]}, columns {columns[0]} to {columns[-1]}:", digit.shape)

# %% [markdown]
# **Normalise.** The longest side becomes 20 pixels, the other as its proportions ask, and the centre of mass goes to
# row and column 14. Do not mix this up with normalising to a mean and a deviation, which is about brightness.

# %%
image = normalize_digit(digit)  # uint8 (28, 28)
height, width = extent(image.any(axis=1)[None])[0], extent(image.any(axis=0)[None])[0]
centre = [image.sum(axis=axis) @ np.arange(28) / image.sum() for axis in (1, 0)]
print(f"ink {height} x {width}, before {digit.shape[0]} x {digit.shape[1]}; centre of mass", np.round(centre, 2))
assert max(height, width) == 20
assert np.allclose(centre, 14, atol=0.51)

# %%
figure, axes = plt.subplots(1, 4, figsize=(9, 2.4), width_ratios=[960 / 720, 960 / 720, 1, 1])
titles = ("1 gray", "2 ink", "3 cropped", "4 as MNIST")
for axis, stage, title in zip(axes, (gray, 255 - found.ink, 255 - digit, 255 - image), titles, strict=True):
    axis.imshow(stage, cmap="gray", vmin=0, vmax=255)
    axis.set_title(title)
    axis.set(xticks=[], yticks=[])
figure.tight_layout()
plt.show()

# %% [markdown]
# **Logits, softmax, probabilities**, as in lesson 6. The network takes a batch: one image is a batch of one.

# %%
logits = classifier.logits(image[None])  # float32 (1, 10)
probabilities = softmax(logits)[0]  # float64 (10,), sums to 1
print("logits:", logits[0].round(1))
print(f"read: {probabilities.argmax()}, {probabilities.max():.2%}")
assert probabilities.argmax() == 7

# %% [markdown]
# ## Two hundred photos
#
# One photo proves little. Lay 200 validation digits on paper, each somewhere and at some size, in uneven light, with
# the noise of a camera. Then take both ways with the network that we trained above.


# %%
def photographed(image, chance):
    """Return an image of MNIST as a gray photo of it: uint8 (480, 640), dark ink on paper."""
    side = int(chance.integers(120, 260))
    left, top = int(chance.integers(0, 640 - side)), int(chance.integers(0, 480 - side))
    ink = Image.new("L", (640, 480))
    ink.paste(Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC), (left, top))
    light = np.linspace(230, 140, 640)  # brighter at the left
    return np.clip(light * (1 - 0.8 * np.asarray(ink) / 255) + chance.normal(0, 3, (480, 640)), 0, 255).astype(np.uint8)


chance, labels = np.random.default_rng(0), valid_set.labels[:200]
photos = [photographed(image, chance) for image in valid_set.images[:200]]
figure, axes = plt.subplots(1, 4, figsize=(9, 1.8))
for axis, one in zip(axes, photos, strict=False):
    axis.imshow(one, cmap="gray", vmin=0, vmax=255)
    axis.axis("off")
plt.show()


# %%
def prepared(source):
    """Return what MNIST would have made of a picture of one digit: uint8 (28, 28)."""
    found = find_ink(load_picture(source).gray)
    rows, columns = np.flatnonzero(found.mask.any(axis=1)), np.flatnonzero(found.mask.any(axis=0))
    return normalize_digit(found.ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])


ways = {
    "as MNIST has them": valid_set.images[:200],
    "photos, pressed": np.stack([pressed(Image.fromarray(photo)) for photo in photos]),
    "photos, prepared": np.stack([prepared(photo) for photo in photos]),
}
for name, images in ways.items():
    print(f"{name}: {(network.logits(images).argmax(axis=1) == labels).sum()} of 200 right")
assert (network.logits(ways["photos, pressed"]).argmax(axis=1) == labels).mean() < 0.4
assert (network.logits(ways["photos, prepared"]).argmax(axis=1) == labels).mean() > 0.95

# %% [markdown]
# The same network, the same digits. Those that were pressed are read no better than by drawing lots.
#
# ## All of it in one call
#
# `Reader` does these stages and more: it takes out ruled lines and boxes, parts digits that touch, asks again where it
# is in doubt, and rejects what is no digit. `draw_trace` draws the stages of a reading.

# %%
reader = Reader()  # loads the classifier; make one and use it for many pictures
reading = reader.read("pictures/seven.jpg")
print(reading, reading.digits[0].box_xyxy)
assert reading.text == "7"
draw_trace(reading)

# %% [markdown]
# A picture may hold several digits, here in the boxes of a form. `overlay` draws what was read over the picture:

# %%
reading = reader.read("pictures/number.jpg")
print(reading)
assert reading.text == "72348"
reading.overlay().resize((640, 480))

# %% [markdown]
# ## Trap: stretched digits
#
# Cropping to the ink and pressing the crop into a square is better than nothing, one would think. Break it: each digit
# loses its shape, a 1 becomes a bar, and all of them reach to the edge, where MNIST has paper.


# %%
def stretched(image):
    """Return the ink of an image, cropped and pressed into a square: uint8 (28, 28)."""
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    crop = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.asarray(Image.fromarray(crop).resize((28, 28)))


squares = np.stack([stretched(image) for image in valid_set.images])
right = network.logits(squares).argmax(axis=1) == valid_set.labels
print(f"{right.mean():.1%} of them read")
assert right.mean() < 0.8

# %% [markdown]
# See it: four ones before and after, and how wide each is for its height.

# %%
four = np.flatnonzero(valid_set.labels == 1)[:4]
shown = np.concatenate([valid_set.images[four], squares[four]])
shapes = extent(shown.any(axis=1)) / extent(shown.any(axis=2))
plot_images(shown, [f"{shape:.2f}" for shape in shapes])

# %% [markdown]
# The mend: one scale for both sides, and paper around. The same digits, made large and prepared:

# %%
larger = [ImageOps.invert(Image.fromarray(image)).resize((280, 280)) for image in valid_set.images[:100]]
answers = network.logits(np.stack([prepared(image) for image in larger])).argmax(axis=1)
mended = (answers == valid_set.labels[:100]).mean()
print(f"{mended:.0%} of the first 100 read")
assert mended > 0.9

# %% [markdown]
# ## Trap: a thin pen in a large photo
#
# 3,000 pixels become 28: one pixel of the small picture is the mean of 107 x 107. Break it with a 7 written in a stroke
# 12 pixels wide, and see how dark its darkest pixel is.

# %%
large = Image.new("L", (3000, 3000), 255)
ImageDraw.Draw(large).line([(1000, 800), (1950, 800), (1300, 2200)], fill=0, width=12)
small = pressed(large)
print(f"darkest pixel {small.max()} of 255, pixels above 128: {(small > 128).sum()}")
answer = softmax(network.logits(small[None]))[0]
print(f"read: {answer.argmax()}, {answer.max():.0%}")
assert small.max() < 64

# %% [markdown]
# The digit has been averaged away. The mend: find the ink while it is large, and widen strokes that would become
# thinner than two of the 28 pixels, before scaling. `normalize_digit` does.

# %%
answer = softmax(network.logits(prepared(large)[None]))[0]
print(f"read: {answer.argmax()}, {answer.max():.0%}; darkest pixel {prepared(large).max()} of 255")
assert answer.argmax() == 7
plot_images(np.stack([small, prepared(large)]), ["pressed", "prepared"])

# %% [markdown]
# ## Trap: which side is the ink?
#
# The tutorial always subtracts from 255. For dark ink on white paper that is right. Chalk on a blackboard, or an image
# that is already as MNIST has it, it turns the wrong way round: the swapped images from above. A hundred digits, both
# ways:

# %%
chalks = [ImageOps.invert(picture) for picture in larger]  # white on black
for name, pictures in (("dark on white", larger), ("white on black", chalks)):
    sets = (np.stack([prepare(picture) for picture in pictures]) for prepare in (pressed, prepared))
    as_pressed, as_prepared = (network.logits(images).argmax(axis=1) == valid_set.labels[:100] for images in sets)
    print(f"{name}: {as_pressed.sum()} of the pressed ones are read, {as_prepared.sum()} of the prepared ones")
    assert as_prepared.mean() > 0.9
assert as_pressed.mean() < 0.5
chalk = chalks[np.flatnonzero(~as_pressed)[0]]  # the first that is misread
print(reader.read(chalk), reader.read(chalk).warnings)

# %% [markdown]
# The mend looks before it inverts: paper is what the frame of the picture shows. And it says so, in `warnings`.
#
# ## Trap: `convert("L")` erases the picture
#
# A drawing program saves black strokes on a transparent ground. The ground's colour is black too, only nobody sees it,
# and `convert("L")` throws away just what tells the two apart. Of 16 bits a pixel it keeps what is below 256 and calls
# the rest white. Break both, and see the darkest and the lightest pixel:

# %%
drawing = Image.new("RGBA", (200, 200), (0, 0, 0, 0))  # red, green, blue, and opaqueness: 0
ImageDraw.Draw(drawing).line([(50, 40), (150, 40), (90, 170)], fill=(0, 0, 0, 255), width=16)
strokes = np.asarray(drawing.getchannel("A")) > 0
deep = Image.fromarray(np.where(strokes, 8_000, 50_000).astype(np.uint16))  # of 65,535, as scanners give it
for name, one in (("transparent", drawing), ("16 bits", deep)):
    print(f"{name}: darkest and lightest pixel {one.convert('L').getextrema()}")
assert drawing.convert("L").getextrema() == (0, 0)
assert deep.convert("L").getextrema() == (255, 255)

# %% [markdown]
# All black and all white: the digit is gone before any network is asked, and nothing has raised an error. The mend lays
# a transparent picture on the side that its ink stands out from, and scales numbers of more than 8 bits:

# %%
for name, one in (("transparent", drawing), ("16 bits", deep)):
    gray = load_picture(one).gray
    print(f"{name}: darkest and lightest pixel ({gray.min()}, {gray.max()}), read {reader.read(one).text}")
    assert reader.read(one).text == "7"

# %% [markdown]
# ## Trap: the photo that stands on its head
#
# A phone often saves the pixels as the sensor gave them, and writes beside them, in a block called **EXIF**, how to
# turn them. `Image.open` does not turn. Break it with a 6 taken upside down:

# %%
six = ImageOps.invert(Image.fromarray(valid_set.images[valid_set.labels == 6][0])).resize((560, 560))
exif, file = Image.Exif(), io.BytesIO()
exif[0x0112] = 3  # the orientation: to be turned by 180 degrees
six.transpose(Image.Transpose.ROTATE_180).save(file, "JPEG", exif=exif)
opened = np.asarray(Image.open(io.BytesIO(file.getvalue())))
print("the pixels alone:", reader.read(opened).text, "- the file with its EXIF:", reader.read(file.getvalue()).text)
assert reader.read(opened).text == "9"
assert reader.read(file.getvalue()).text == "6"

# %% [markdown]
# The mend: `load_picture` obeys the EXIF; with PIL alone it is `ImageOps.exif_transpose(image)`.
#
# ## Trap: two places that prepare
#
# A widely read tutorial prepared the picture twice: once in the cell that shows it, once in the function that asks the
# network. Break it: somebody mends the polarity in one of the two, the one that can be seen.


# %%
def shown_image(picture):
    """Return what the page shows; white on black is handled since last week."""
    small = np.asarray(picture.convert("L").resize((28, 28)))
    return 255 - small if small[0, 0] > 128 else small


def answer_of(pictures):
    """Return the answer of the network, prepared as it always was."""
    return np.argmax(network.logits(np.stack([pressed(picture) for picture in pictures])))


print("the image that is shown would be read", network.logits(shown_image(chalk)[None]).argmax())
print("the answer beside it:", answer_of([chalk]))
assert answer_of([chalk]) != network.logits(shown_image(chalk)[None]).argmax()

# %% [markdown]
# The page shows a fine digit and a wrong answer, and one blames the network. The same function has a second fault:
# `np.argmax` of a whole batch counts on through all rows, and finds digits above 9.

# %%
two = [ImageOps.invert(Image.fromarray(image)) for image in valid_set.images[[1, 0]]]  # dark on white
print("labels", valid_set.labels[[1, 0]], "np.argmax says", answer_of(two))
assert answer_of(two) > 9

# %% [markdown]
# The mend is one function for all, row by row (`argmax(axis=1)`), and an image to show that *is* the image that was
# asked about. Every digit of a `Reading` carries it:

# %%
seen = reader.read(chalk).digits[0]
again = softmax(classifier.logits(seen.image[None]))
print(f"shown and asked about: read {again.argmax(axis=1)}, {again.max():.1%}; the reading says {seen.label}")
assert str(again.argmax(axis=1)[0]) == seen.label

# %% [markdown]
# ## When a reading is wrong
#
# Do not begin with the network. Begin with the picture that it saw: `draw_trace`, or `inkdigits read photo.jpg --trace
# stages.png`. Here is a wrong answer, given with great certainty:

# %%
reading = reader.read(photo.rotate(180))
print(reading, reading.warnings)
assert reading.text != "7"
draw_trace(reading)

# %% [markdown]
# Stage 3 tells: the image is a fine one, of a 7 that stands on its head. No network can know that. Go through the
# stages and mend the first that is wrong:
#
# 1. **Picture.** On its side, blurred, a finger in it? Take it again, or turn it.
# 2. **Ink.** Strokes missing, or a shadow and the edge of the table taken for ink? More light, a darker pen, less
#    around the digit.
# 3. **28 x 28.** Two digits in one image, or half a digit? Leave more room between them. `rejected` and `warnings` name
#    the marks that were not read.
# 4. **Probabilities.** The image is good and the answer is wrong: now it is the network.
#
# For the fourth case there are two ways. Tell the reader what you know already:

# %%
for expect in ("len=5", "range=0-100000", "len=4"):
    reading = reader.read("pictures/number.jpg", expect=expect)
    print(f"{expect}: {reading.text} {reading.warnings}")

# %% [markdown]
# It takes the likeliest way to read the line that is as you expect. Expect the wrong thing, and it leaves something
# out, with a warning.
#
# Or teach the network your hand. Some people write a 1 like others' 7, and the writers of MNIST were all American.
# Sort some of your pictures into folders named `0` to `9`; `inkdigits adapt mine/ --out my.onnx` learns them among
# thousands of MNIST's own digits, so that those are not forgotten. Of ten pictures or more it tells how many are read
# after learning from the other half only. It writes nothing if everybody's validation images are then read worse by
# more than 0.1 points. `inkdigits read photo.jpg --model my.onnx` reads with your model.
#
# ## To remember
#
# - 99 % holds for images made as the training images were: longest side 20, centre of mass in the middle, ink 255.
# - Find the ink while the picture is large; then crop, scale both sides alike, centre by mass.
# - Look which side is ink, obey transparency, 16 bits and EXIF; a picture can be erased without any error.
# - One function prepares, for showing and for asking.
# - When an answer is wrong, look at what the network saw first.
#
# **Exercise.** Make a 28 x 28 image of any ink as MNIST made its digits:
# `inkdigits learn open own_picture` puts the start beside this notebook, and
# `inkdigits learn check own_picture own_picture_exercise.py` marks it.
#
# Next: [how sure is it, and is it a digit at all?](13_calibration.ipynb).
