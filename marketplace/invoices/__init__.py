"""Invoices, receipts and credit notes, to be read, printed and taken to the bookkeeper."""
