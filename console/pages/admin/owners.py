"""Owners: look one up, change the telephone numbers."""

from typing import Annotated

from fastapi import APIRouter, Form, Response

from console.pages.rendering import page
from console.pages.visitor import Visitor, may
from models.people import owners
from models.people.rights import Right

router = APIRouter(prefix="/admin/owners")

Admin = Annotated[Visitor, may(Right.ADMINISTER)]


@router.get("")
def search(visitor: Admin, q: str = "") -> Response:
    whole = Right.PERSONAL in visitor.rights
    found = visitor.read(owners.search, q, whole=whole)
    return page(visitor, "admin/owners.html", found=found, q=q, whole=whole, at_most=owners.AT_MOST)


@router.get("/{number}")
def one(visitor: Admin, number: int) -> Response:
    known, phones = visitor.read(owners.find, number), visitor.read(owners.phones, number)
    return page(visitor, "admin/owner.html", known=known, phones=phones)


@router.post("/{number}/numbers")
def add(visitor: Admin, number: int, telephone: Annotated[str, Form()]) -> Response:
    visitor.write(owners.add_number, number, telephone, by=visitor.who, at=visitor.at)
    return visitor.done(f"/admin/owners/{number}", "号码已添加", "the number is added")


@router.post("/{number}/numbers/{phone}/remove")
def remove(visitor: Admin, number: int, phone: int) -> Response:
    visitor.write(owners.remove_number, number, phone, by=visitor.who, at=visitor.at)
    return visitor.done(f"/admin/owners/{number}", "号码已删除", "the number is removed")
