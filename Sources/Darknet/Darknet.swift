// Darknet
